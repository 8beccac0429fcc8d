/** Calls over a session, both ways: references, pipelining, cancellation, deadlines, remote errors, call context. @module */
export { type CallContext, type CallState, callContext } from "./call_context.ts";
export { type CallOptions, withOptions } from "./call_options.ts";
export type { ContractMismatch } from "./contract_comparison.ts";
export { type RpcEnvironment, rpcEnvironment } from "./environment.ts";
export type { InterceptedCall, Interceptor } from "./interceptors.ts";
export { defaultKeepAliveMs, KeepAlive, type KeepAliveOptions } from "./keep_alive.ts";
export { dispenseMoving, type MovingSession } from "./moving_proxy.ts";
export { describeOpen, endUnread } from "./open_streams.ts";
export { reference, retain } from "./reference.ts";
export { type Dispensed, RpcSession } from "./rpc_session.ts";
export type { RpcSessionOptions, SessionCounts } from "./session_options.ts";
export { TimerWheel } from "./timer_wheel.ts";
