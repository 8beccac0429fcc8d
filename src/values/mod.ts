/** The CBOR profile: which JavaScript values cross, and how. @module */
export { formatKey } from "./_path.ts";
export { ValueCodec, type ValueLimits } from "./codec.ts";
export type { ReferenceSink, ReferenceSource } from "./references.ts";
