import type { Method, Shape } from "../contract/mod.ts";
import { chained, iterable } from "./_chain.ts";
import { answerPromise } from "./answer_promise.ts";
import type { CallOptions } from "./call_options.ts";
import { interceptOut, type SendCall } from "./intercept_out.ts";
import { OutgoingAnswer } from "./outgoing_answer.ts";
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
  const shape = spec?.resultShape;
  if (session.interceptors !== undefined) {
    const send: SendCall = (sent, changed, by) => new OutgoingCall(target, method, spec).start(sent, changed, by);
    const place = { target, contract: target.contract, method: target.labelOf(method), spec };
    const given = interceptOut(session, session.interceptors, place, args, options, parent, send);
    // What interceptors make of the answer is known only when it is there: calls of it wait for that.
    return isCalled(shape) ? answerPromise(given, undefined, callAnswer) : asGiven(given, spec);
  }
  const call = new OutgoingCall(target, method, spec);
  if (!isCalled(shape)) return asGiven(call.start(args, options, parent), spec);
  const number = session.isOver ? undefined : session.dispenser.openAnswer();
  if (number !== undefined) call.answer = new OutgoingAnswer(session, number, call, shape);
  return answerPromise(call.start(args, options, parent), call.answer, callAnswer);
}

/** What a call gives that is made later: calls of that wait for it. */
export function startCallLater(given: Promise<unknown>, spec: Method | undefined): Promise<unknown> {
  return isCalled(spec?.resultShape) ? answerPromise(given, undefined, callAnswer) : asGiven(given, spec);
}

function callAnswer(answer: OutgoingAnswer, method: string, args: readonly unknown[]): Promise<unknown> {
  return startCall(answer.session, answer, method, answer.specOf(method), args, undefined);
}

/** True for what is called, and so can be before it is there. */
function isCalled(shape: Shape | undefined): shape is Shape {
  return shape?.kind === "reference" || shape?.kind === "callback";
}

function asGiven(promise: Promise<unknown>, spec: Method | undefined): Promise<unknown> {
  if (spec === undefined) return chained(promise);
  return spec.resultShape === undefined ? promise : iterable(promise);
}
