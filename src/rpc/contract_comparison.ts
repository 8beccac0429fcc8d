import { compareContracts, factsOf } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { OfferedContract } from "../hello/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Role } from "../mux/mod.ts";

/**
 * What to do about a contract that the other side knows with other arguments or results: `"warn"` logs the difference,
 * once for each contract; `"throw"` has `dispense` throw it, with code `contract_mismatch`; `"ignore"` does nothing.
 */
export type ContractMismatch = "warn" | "throw" | "ignore";

/** What of a session {@linkcode ContractComparison} needs. */
export interface ComparingSession {
  readonly environment: { readonly log: Logger };
  readonly peerHello: { readonly role: Role };
  /** Name of the plugin that the other side is, for the facts of errors. */
  readonly plugin: string | undefined;
}

/** Compares the contracts that one side dispenses with what the other side's hello says of them: each once in a session. */
export class ContractComparison {
  readonly #session: ComparingSession;
  readonly #mismatch: ContractMismatch;
  readonly #found: WeakMap<object, { readonly difference: string | undefined }> = new WeakMap();

  constructor(session: ComparingSession, mismatch: ContractMismatch = "warn") {
    this.#session = session;
    this.#mismatch = mismatch;
  }

  /** @throws PluginError `contract_mismatch` when it differs and that is what is wanted. */
  check(contract: { readonly name: string }, offered: OfferedContract): void {
    if (this.#mismatch === "ignore") return;
    const facts = factsOf(contract);
    const known = this.#found.get(facts);
    const { peerHello, plugin, environment } = this.#session;
    const difference = known
      ? known.difference
      : compareContracts(facts, offered, peerHello.role === "host" ? "plugin" : "host");
    if (known === undefined) this.#found.set(facts, { difference });
    if (difference === undefined) return;
    if (this.#mismatch === "throw") {
      const named = { contract: contract.name, plugin, execution: "none" } as const;
      throw new PluginError(ErrorCode.contractMismatch, difference, named);
    }
    if (known === undefined) environment.log.warn(difference, plugin === undefined ? {} : { plugin });
  }
}
