/** The CBOR profile: which JavaScript values cross, and how. @module */
export { isError } from "./_errors.ts";
export { formatKey } from "./_path.ts";
export { ValueCodec, type ValueLimits, type ValueOptions } from "./codec.ts";
export { isRecord } from "./is_record.ts";
export type { ReferenceSink, ReferenceSource } from "./references.ts";
