import type { Method, Shape } from "../contract/mod.ts";
import type { PluginError } from "../errors/mod.ts";
import { labelOf } from "./_reference_label.ts";
import { AnswerClaim } from "./answer_claim.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import { OutgoingTarget } from "./outgoing_target.ts";
import { Origin } from "./reference_kind.ts";
import type { RpcSession } from "./rpc_session.ts";

/**
 * What a call is going to give, called before it is there: the peer keeps these calls until it has answered the first
 * one. PROTOCOL.md §8.8.
 */
export class OutgoingAnswer extends OutgoingTarget {
  readonly number: number;
  readonly isRoot = false;
  readonly claim: AnswerClaim = new AnswerClaim();
  readonly #origin: Origin;
  readonly #shape: Shape;
  #isSent = false;
  #state: "open" | "arrived" | "failed" = "open";
  /** Calls of it that have not settled. */
  readonly #calls: Set<OutgoingCall> = new Set();

  /** @param call The one that gives it. */
  constructor(session: RpcSession, number: number, call: OutgoingCall, shape: Shape) {
    super(session);
    this.number = number;
    this.#origin = new Origin(call.contract, call.label);
    this.#shape = shape;
  }

  get contract(): string {
    return this.#origin.contract;
  }

  /** True when calls must still go by its number: it is not there, or some before them wait to be sent. */
  get isNeeded(): boolean {
    return this.#state === "open" || (this.#state === "arrived" && !this.isIdle);
  }

  override labelOf(method: string): string {
    return labelOf(this.#origin, method);
  }

  override specOf(method: string): Method | undefined {
    const shape = this.#shape;
    if (shape.kind === "reference") return shape.contract.methods?.get(method);
    return shape.kind === "callback" && method === "" ? shape.method : undefined;
  }

  override refusal(): PluginError | undefined {
    return undefined;
  }

  override drop(): void {}

  override send(call: OutgoingCall): void {
    this.#calls.add(call);
    this.claim.began();
    super.send(call);
  }

  override settled(call: OutgoingCall): void {
    if (this.#calls.delete(call)) this.claim.ended();
  }

  /** The call that gives it has been wholly sent. */
  wasSent(): void {
    if (this.#isSent) return;
    this.#isSent = true;
    this.goOn();
    this.#letGo();
  }

  /** The call that gives it has succeeded. */
  arrived(value: unknown): void {
    this.#state = "arrived";
    this.claim.came(value);
    this.#letGo();
  }

  /** The calls of it that have not settled, which it then leaves to whoever took them. */
  takeCalls(): readonly OutgoingCall[] {
    const calls = [...this.#calls];
    this.#calls.clear();
    return calls;
  }

  /** The call that gives it has failed: so do those that depend on it. */
  failed(error: unknown): void {
    this.#state = "failed";
    for (const call of this.takeCalls()) call.fail(error);
    this.#letGo();
  }

  protected override get isOpen(): boolean {
    return this.#isSent;
  }

  protected override left(): void {
    this.#letGo();
  }

  #letGo(): void {
    if (this.#state === "open" || !this.isIdle) return;
    this.session.dispenser.dropAnswer(this.number, this.#isSent);
  }
}
