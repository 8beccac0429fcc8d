import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { RpcSessionOptions } from "./session_options.ts";

/** Why a session is over: the first that is said of it, for all who ask. */
export class Explanation {
  readonly #find: RpcSessionOptions["explain"];
  #found: Promise<PluginError> | undefined;

  /** @param find Says more than the link does. */
  constructor(find: RpcSessionOptions["explain"]) {
    this.#find = find;
  }

  /** It is known. */
  is(reason: PluginError): void {
    this.#found ??= Promise.resolve(reason);
  }

  /** All that can be found out. @param known What the link says. */
  of(known: PluginError): Promise<PluginError> {
    this.#found ??= this.#find?.(known).catch(() => known) ?? Promise.resolve(known);
    return this.#found;
  }
}

/** For a session of which nothing more is known. */
export function sessionClosed(peerName: string): PluginError {
  return new PluginError(ErrorCode.closed, `the session with ${peerName} is closed`);
}
