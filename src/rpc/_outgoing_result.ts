import { checkDeclaredError, checkResult } from "../contract/mod.ts";
import { reviveThrown } from "../thrown/mod.ts";
import type { ReceivedReferences } from "./_message_source.ts";
import { shapeResult } from "./_shapes.ts";
import type { OutgoingCall } from "./outgoing_call.ts";

/** What an implementation returned, as the contract makes it, or a promise of that. @throws PluginError `invalid_result` */
export function checkedResult(call: OutgoingCall, value: unknown): unknown {
  const { spec } = call;
  if (spec === undefined) return value;
  if (spec.resultShape !== undefined) shapeResult(call.target.session, spec, value);
  return checkResult(spec, value, { contract: call.contract, method: call.label });
}

/** What a result names belongs to this side; the call's signal ends streams, too. */
export function ownReceived(received: ReceivedReferences, signal: AbortSignal | undefined): void {
  received.own();
  if (signal === undefined) return;
  for (const { content } of received.entries) content?.heed?.(signal);
}

/**
 * What an implementation threw.
 *
 * @param where Contract, method and peer. @returns With whether it is the program's own, which is left as it is.
 */
export function thrownHere(
  call: OutgoingCall,
  body: unknown,
  where: string,
): { readonly error: unknown; readonly isOwn: boolean } {
  const { spec, contract, label } = call;
  const { session } = call.target;
  const error = reviveThrown(body, session, where);
  if (session.errorsHome.has(error)) return { error, isOwn: true };
  const isDeclared = spec?.errors !== undefined;
  return { error: isDeclared ? checkDeclaredError(spec, error, { contract, method: label }) : error, isOwn: false };
}
