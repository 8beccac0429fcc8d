import * as v from "valibot";
import { bytes, contract, method, stream } from "../../../mod.ts";

/** What the streams of the benchmark go through; items with a schema, as one would have it. */
export const streams = contract("streams", {
  /** So many small values. */
  values: method([v.number()], stream(v.number())),
  /** Reads a stream, and gives its length. */
  length: method([bytes()], v.number()),
});

/** The value that is sent again and again. */
export const smallValue = 1_000_000;
