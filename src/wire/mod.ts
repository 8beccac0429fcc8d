/** Frames as bytes: layout, encode, incremental decode, limits. Pure functions of bytes. @module */
export { FrameDecoder, type FrameSink } from "./decoder.ts";
export { FrameEncoder } from "./encoder.ts";
export {
  baseFrameBytes,
  Flag,
  FrameType,
  frameHeaderBytes,
  frameName,
  frameRules,
  goAwayDrain,
  maxCredit,
  maxReasonBytes,
  pingAck,
  ResetFlag,
} from "./frame.ts";
export { defaultLimits, fullLimits, initialWindowBytes, type Limits } from "./limits.ts";
export { describeForeign, preface } from "./preface.ts";
export { quoteBytes } from "./quote.ts";
