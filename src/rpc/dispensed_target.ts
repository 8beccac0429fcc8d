import type { Method } from "../contract/mod.ts";
import { ErrorCode, type PluginError } from "../errors/mod.ts";
import { callError, type FailedCall } from "./_call_failures.ts";
import type { Dispenser } from "./dispenser.ts";
import { OutgoingTarget } from "./outgoing_target.ts";
import type { RpcSession } from "./rpc_session.ts";

/** A contract of the other side that was dispensed. */
export class DispensedTarget extends OutgoingTarget {
  readonly number: number;
  readonly contract: string;
  readonly isRoot = true;
  readonly #dispenser: Dispenser;
  readonly #specs: ReadonlyMap<string, Method> | undefined;
  /** Other dispenses have the same number, so that it is never dropped. */
  readonly #isShared: boolean;
  #isAnnounced = false;
  #isDropped = false;

  constructor(
    session: RpcSession,
    dispenser: Dispenser,
    number: number,
    contract: string,
    specs: ReadonlyMap<string, Method> | undefined,
    isShared: boolean,
  ) {
    super(session);
    this.#dispenser = dispenser;
    this.number = number;
    this.contract = contract;
    this.#specs = specs;
    this.#isShared = isShared;
  }

  override specOf(method: string): Method | undefined {
    return this.#specs?.get(method);
  }

  override refusal(call: FailedCall): PluginError | undefined {
    return this.#isDropped ? callError(call, ErrorCode.closed, "the proxy was disposed of", "none") : undefined;
  }

  override drop(): void {
    this.#isDropped = true;
    this.left();
  }

  protected override entered(): void {
    if (this.#isAnnounced) return;
    this.#dispenser.announce(this.number, this.contract);
    this.#isAnnounced = true;
  }

  protected override left(): void {
    if (this.#isDropped && !this.#isShared && this.isIdle) this.#dispenser.drop(this.number);
  }
}
