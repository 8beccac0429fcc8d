import type { Method } from "../contract/mod.ts";
import type { CallOptions } from "./call_options.ts";
import { interceptOut, type SendCall } from "./intercept_out.ts";
import { OutgoingCall } from "./outgoing_call.ts";
import type { OutgoingTarget } from "./outgoing_target.ts";
import type { RpcSession } from "./rpc_session.ts";

/** Calls something of the other side, through this side's interceptors if there are any. */
export function startCall(
  session: RpcSession,
  target: OutgoingTarget,
  method: string,
  spec: Method | undefined,
  args: readonly unknown[],
  options: CallOptions | undefined,
): Promise<unknown> {
  const parent = session.environment.context.get();
  const { interceptors } = session;
  if (interceptors === undefined) return new OutgoingCall(session, target, method, spec).start(args, options, parent);
  const send: SendCall = (sent, changed, by) =>
    new OutgoingCall(session, target, method, spec).start(sent, changed, by);
  const place = { line: target, contract: target.contract, method: target.labelOf(method), spec };
  return interceptOut(session, interceptors, place, args, options, parent, send);
}
