import { type Contract, checkContract, type Method, methodsOf } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import type { OfferedContract } from "../hello/mod.ts";
import { ContractComparison, type ContractMismatch } from "./contract_comparison.ts";
import { DispensedTarget } from "./dispensed_target.ts";
import { ControlCode } from "./messages.ts";
import { makeProxy } from "./proxy.ts";
import type { RpcSession } from "./rpc_session.ts";

/** Part of the targets that the peer holds that may be answers of calls. */
const answersShare = 0.75;

/** A contract that was dispensed. */
export interface OpenedContract {
  readonly target: DispensedTarget;
  /** Names of its methods; `undefined` when they are not known. */
  readonly names: readonly string[] | undefined;
  readonly specs: ReadonlyMap<string, Method> | undefined;
}

/** What this side has dispensed of the peer. PROTOCOL.md §8.1. */
export class Dispenser {
  readonly #session: RpcSession;
  /** Numbers that the peer knows. */
  readonly #announced: Set<number> = new Set();
  /** A net for proxies that nobody disposes of. */
  readonly #forgotten: FinalizationRegistry<number> = new FinalizationRegistry((number) => this.drop(number));
  /** Targets of contracts of which one implementation answers all: by name. They live as long as the session. */
  readonly #shared: Map<string, number> = new Map();
  readonly #comparison: ContractComparison;
  #nextNumber = 0;

  /** @param mismatch What to do about a contract that the peer knows differently. Default `"warn"`. */
  constructor(session: RpcSession, mismatch: ContractMismatch | undefined) {
    this.#session = session;
    this.#comparison = new ContractComparison(session, mismatch);
  }

  /** Those that the peer knows. */
  get size(): number {
    return this.#announced.size;
  }

  /** @throws TypeError for what is no contract. @throws PluginError `no_such_contract`, `no_such_method`, `contract_mismatch`, `closed`. */
  dispense(contract: Contract<unknown, unknown>): object {
    const { target, names, specs } = this.open(contract);
    return makeProxy(this.#session, target, names, specs, {});
  }

  /** The same, for whoever makes the calls. */
  open(contract: Contract<unknown, unknown>): OpenedContract {
    checkContract("dispense", contract);
    const names = this.checkServed(contract);
    if (this.#session.isOver) throw this.#over(contract.name);
    const specs = methodsOf(contract);
    return { target: this.#targetFor(contract.name, specs), names, specs };
  }

  /** @throws PluginError `no_such_contract`, `no_such_method`, `contract_mismatch`. */
  checkServed(contract: { readonly name: string }): readonly string[] | undefined {
    const { contracts } = this.#session.peerHello;
    const offered = contracts.find(({ name }) => name === contract.name);
    if (offered === undefined) throw this.#noSuchContract(contract.name, contracts);
    const methods = offered.methods ?? undefined;
    for (const name of methodsOf(contract)?.keys() ?? []) {
      if (methods?.includes(name) === false) throw this.#noSuchMethod(contract.name, name, methods);
    }
    this.#comparison.check(contract, offered);
    return methods;
  }

  /**
   * Tells the peer what a target is. Not before its first call: factories of two sides that dispense each other's contract
   * would else make each other without end.
   * @throws PluginError `limit` when too many proxies have not been disposed of.
   */
  announce(number: number, contract: string): void {
    if (this.#announced.has(number)) return;
    const { peerHello, peerName } = this.#session;
    const max = peerHello.limits.dispensed;
    if (this.#announced.size >= max) {
      const text = `${max} contracts of ${peerName} are in use, it gives no more at once (limits.maxDispensed); keep a proxy and use it again, or dispose of each with using`;
      throw new PluginError(ErrorCode.limit, text);
    }
    this.#announced.add(number);
    this.#session.sendControl([ControlCode.dispense, number, contract]);
  }

  /** A number for what a call is going to give; `undefined` when the peer holds no more. */
  openAnswer(): number | undefined {
    // Contracts come first: a call that has no number for what it gives waits for it instead.
    const max = this.#session.peerHello.limits.dispensed * answersShare;
    if (this.#announced.size >= Math.floor(max)) return undefined;
    const number = this.#nextNumber++;
    this.#announced.add(number);
    return number;
  }

  /** What a call gave is not called by its number any more. @param isKnown The peer knows it. Idempotent. */
  dropAnswer(number: number, isKnown: boolean): void {
    if (isKnown) this.drop(number);
    else this.#announced.delete(number);
  }

  /** Tells the peer that a dispensed contract is not used any more. Idempotent. */
  drop(number: number): void {
    if (this.#announced.delete(number)) this.#session.sendControl([ControlCode.drop, number]);
  }

  /** The session is over. */
  clear(): void {
    this.#announced.clear();
  }

  #targetFor(contract: string, specs: ReadonlyMap<string, Method> | undefined): DispensedTarget {
    const { contracts } = this.#session.peerHello;
    const isShared = contracts.find(({ name }) => name === contract)?.shared === true;
    const number = (isShared ? this.#shared.get(contract) : undefined) ?? this.#nextNumber++;
    const target = new DispensedTarget(this.#session, this, number, contract, specs, isShared);
    if (isShared) this.#shared.set(contract, number);
    else this.#forgotten.register(target, number);
    return target;
  }

  #over(contract: string): PluginError {
    const { peerName, plugin, isSuperseded } = this.#session;
    const why = isSuperseded ? `another host has taken ${peerName} over` : `the session with ${peerName} is over`;
    const code = isSuperseded ? ErrorCode.superseded : ErrorCode.closed;
    const text = `${why}: nothing can be dispensed of it any more`;
    return new PluginError(code, text, { contract, plugin, execution: "none" });
  }

  #noSuchContract(contract: string, offered: readonly OfferedContract[]): PluginError {
    const { peerName, peerHello, plugin } = this.#session;
    const names = offered.map(({ name }) => name);
    const way = peerHello.role === "host" ? " (a host serves what is in its option provide)" : "";
    const text = `${peerName} serves no contract ${JSON.stringify(contract)}${hint(contract, names)}${way}`;
    return new PluginError(ErrorCode.noSuchContract, text, { contract, plugin, execution: "none" });
  }

  #noSuchMethod(contract: string, method: string, methods: readonly string[]): PluginError {
    const { peerName, plugin } = this.#session;
    const text = `${peerName} serves contract ${contract} without a method ${JSON.stringify(method)}${hint(method, methods)}`;
    return new PluginError(ErrorCode.noSuchMethod, text, { contract, method, plugin, execution: "none" });
  }
}
