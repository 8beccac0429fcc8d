import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const span = v.object({
  name: v.string(),
  id: v.string(),
  parent: v.optional(v.string()),
  where: v.string(),
  failed: v.boolean(),
});
export type Span = v.InferOutput<typeof span>;

/** What the plugin does. */
export const kitchen = contract("kitchen", {
  cook: method([v.string()], v.string()),
  /** Its spans, so that the host can show all of them. */
  spans: method([], v.array(span)),
});

/** What the host has. */
export const pantry = contract("pantry", { take: method([v.string()], v.number()) });
