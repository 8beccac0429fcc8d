/** Many streams over one link: credit, turns, ping, go-away. @module */
export { Ring } from "../transport/ring.ts";
export { ByteStream, type ByteStreamOptions } from "./byte_stream.ts";
export { CloseCode, ResetCode } from "./codes.ts";
export { resetCodeOf, resetError } from "./reset_error.ts";
export type { Scheduler } from "./scheduler.ts";
export { Session } from "./session.ts";
export type { GoAway, Role, SessionHandler, SessionOptions } from "./session_handler.ts";
export { MuxStream } from "./stream.ts";
export type { StreamHandler, StreamReset } from "./stream_handler.ts";
