import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";
import { z } from "zod";

const shape = z.object({ width: z.number().positive(), height: z.number().positive() });

/** Schemas may be of any library that speaks Standard Schema, and of several at once. */
export const geometry = contract("geometry", {
  area: method([shape], v.number()),
  /** The factor is optional, and 2 for who leaves it out. */
  scale: method([shape, z.number().default(2)], shape),
});

/** An interface will do where nothing has to be checked. */
export interface Text {
  upper(text: string): string;
}
export const text = contract<Text>("text");
