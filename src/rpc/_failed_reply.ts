import { type Method, signatureOf } from "../contract/mod.ts";
import { ErrorCode, markRemote, PluginError } from "../errors/mod.ts";
import { visible } from "../log/mod.ts";
import { presentStack, reviveFailure } from "../thrown/mod.ts";
import type { RpcSession } from "./rpc_session.ts";

/** A call that the other side could not answer. */
export interface RefusedCall {
  readonly target: { readonly session: RpcSession; readonly isRoot: boolean };
  readonly contract: string;
  readonly method: string;
  readonly spec: Method | undefined;
}

/** What a call fails with, by the body of its reply. @param where Contract, method and peer, for the stack. */
export function failureOfReply(call: RefusedCall, body: unknown, where: string): PluginError {
  const error = reviveFailure(body, where, call.target.session.plugin);
  const difference = error.code === ErrorCode.invalidArgument ? differenceOf(call) : undefined;
  if (difference === undefined) return error;
  const { name: _name, code, ...facts } = error;
  const told = new PluginError(code, `${error.message}; ${difference}`, facts);
  presentStack(told, "", where);
  return markRemote(told);
}

/** How the two sides know the method differently; arguments that this side's contract allows may be refused there. */
function differenceOf({ target, contract, method, spec }: RefusedCall): string | undefined {
  if (spec === undefined || !target.isRoot) return undefined;
  const { contracts, role } = target.session.peerHello;
  const signatures = contracts.find(({ name }) => name === contract)?.signatures ?? {};
  const theirs = Object.hasOwn(signatures, method) ? signatures[method] : undefined;
  const ours = signatureOf(spec);
  if (theirs === undefined || theirs === ours) return undefined;
  const here = role === "host" ? "plugin" : "host";
  return `the two sides know ${contract}.${method} differently: this ${here} as ${ours}, the ${role} as ${visible(theirs)}`;
}
