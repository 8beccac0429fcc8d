import { bytes, contract, method, stream } from "@plugwire/plugwire";
import * as v from "valibot";

export const archive = contract("archive", {
  /** Digest of a file, in hexadecimal. */
  sha256: method([bytes()], v.string()),
  /** The same file, smaller. */
  gzip: method([bytes()], bytes()),
  /** The lines of a text, each with its number. */
  numbered: method([bytes()], stream(v.string())),
  /** The most memory that the plugin has used so far, in MiB. */
  peakMemory: method([], v.number()),
});
