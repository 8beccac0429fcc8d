import type { Shape } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { Export } from "../references/mod.ts";
import { kindFor } from "./_kinds.ts";
import { facetOf } from "./_message_sink.ts";
import { labelOf } from "./_reference_label.ts";
import type { BoundMethod } from "./bound_method.ts";
import { type Imported, importedBehind } from "./imported.ts";
import type { IncomingCall } from "./incoming_call.ts";
import { IncomingTarget } from "./incoming_target.ts";
import { type Exported, Origin } from "./reference_kind.ts";
import type { RpcSession } from "./rpc_session.ts";

type Outcome = { readonly target: IncomingTarget } | { readonly error: unknown; readonly isThrown: boolean };

/** What a call of the peer is going to give, which the peer calls before it is there. PROTOCOL.md §8.8. */
export class IncomingAnswer extends IncomingTarget {
  readonly #origin: Origin = new Origin();
  readonly #settled: PromiseWithResolvers<void> = Promise.withResolvers();
  #outcome: Outcome | undefined;
  #lent: Imported | undefined;

  constructor() {
    super();
    this.wait(this.#settled.promise);
  }

  get contract(): string {
    return this.#origin.contract;
  }

  get methodNames(): readonly string[] {
    return [];
  }

  method(): BoundMethod | undefined {
    return undefined;
  }

  override labelOf(method: string): string {
    return labelOf(this.#origin, method);
  }

  /** The call that gives it has been read. */
  cameWith(contract: string, method: string): void {
    this.#origin.contract = contract;
    this.#origin.method = method;
  }

  override withdraw(call: IncomingCall): void {
    super.withdraw(call);
    if (this.#outcome !== undefined && "target" in this.#outcome) this.#outcome.target.withdraw(call);
  }

  /** The call gave something, and its reply was encoded. */
  resolve(session: RpcSession, value: unknown, shape: Shape | undefined): void {
    const target = this.#targetOf(session, value, shape);
    if (target !== undefined) return this.#settle({ target });
    const text = `what ${this.contract}.${this.#origin.method} gave cannot be called`;
    this.reject(new PluginError(ErrorCode.noSuchMethod, text), false);
  }

  /** The call failed. @param isThrown Its implementation threw this. */
  reject(error: unknown, isThrown: boolean): void {
    this.#settle({ error, isThrown });
  }

  override dropped(): void {
    if (this.#lent !== undefined) this.#lent.session.references.imports.giveBack(this.#lent.entry);
    this.#lent = undefined;
  }

  protected override start(call: IncomingCall): Promise<void> | undefined {
    const outcome = this.#outcome!;
    if ("target" in outcome) outcome.target.admit(call);
    else call.failLike(outcome.error, outcome.isThrown);
    return undefined;
  }

  /** The same line as that of the reference in the reply, so that calls by either keep their order. */
  #targetOf(session: RpcSession, value: unknown, shape: Shape | undefined): IncomingTarget | undefined {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
    const entry = session.references.exports.find(value, facetOf(shape));
    if (entry !== undefined) return entry.content?.target;
    // What comes home is the peer's own: it is called from here, also when what it was lent to is over.
    const imported = importedBehind(value);
    if (imported?.session === session && imported.entry.isHeld) {
      this.#lent = imported;
      session.references.imports.lend(imported.entry);
    }
    const unheld = new Export<Exported>(-1, value, undefined);
    const place = { session, entry: unheld, origin: this.#origin, call: this.#origin, shape, isGiven: true };
    return kindFor(value, shape)?.export(value, place).target;
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#settled.resolve();
  }
}
