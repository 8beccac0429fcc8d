/** Many streams over one link: credit, turns, ping, go-away. @module */
export { ByteStream, type ByteStreamOptions } from "./byte_stream.ts";
export { CloseCode, ResetCode } from "./codes.ts";
export { resetCodeOf, resetError } from "./reset_error.ts";
export type { Scheduler } from "./scheduler.ts";
export { type GoAway, type Role, Session, type SessionHandler, type SessionOptions } from "./session.ts";
export { MuxStream, type StreamHandler, type StreamReset } from "./stream.ts";
