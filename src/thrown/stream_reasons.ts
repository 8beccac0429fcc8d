import type { PluginError } from "../errors/mod.ts";
import type { StreamReset } from "../mux/mod.ts";
import { isRecord } from "../values/mod.ts";
import { fitReason } from "./_fit_reason.ts";
import { describeFailure, reviveFailure } from "./failure.ts";
import { describeThrown, type ErrorScope, reviveThrown } from "./remote_error.ts";

/** What of a session errors need to cross. */
export interface ReasonScope extends ErrorScope {
  readonly peerName: string;
  readonly plugin: string | undefined;
}

/**
 * What of something thrown, or given as a reason, travels in a RESET. Never throws.
 *
 * @param mayComeHome As in `describeThrown`.
 */
export function encodeStreamReason(reason: unknown, scope: ReasonScope, mayComeHome = false): Uint8Array {
  return fitReason(describeThrown(reason, scope, mayComeHome), (body) => scope.codec.encode(body));
}

/** What of a failure of Plugwire travels in a RESET. */
export function encodeStreamFailure(error: PluginError, scope: ReasonScope): Uint8Array {
  return fitReason(describeFailure(error), (body) => scope.codec.encode(body));
}

/**
 * What the peer gave as its reason.
 *
 * @param name What the stream is called in errors.
 * @returns `undefined` when it gave none, or none that can be read.
 */
export function decodeStreamReason(
  reset: StreamReset,
  name: string,
  scope: ReasonScope,
): { readonly thrown: unknown } | undefined {
  if (reset.reason.length === 0) return undefined;
  let body: unknown;
  try {
    body = scope.codec.decode(reset.reason);
  } catch {
    // The reason is a courtesy; one that cannot be read changes nothing.
    return undefined;
  }
  const isFailure = isRecord(body) && !("value" in body) && "code" in body;
  const where = `${name} (${scope.peerName})`;
  return { thrown: isFailure ? reviveFailure(body, where, scope.plugin) : reviveThrown(body, scope, where) };
}
