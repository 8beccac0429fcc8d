import type { Method } from "../contract/mod.ts";
import type { PluginError } from "../errors/mod.ts";
import type { FailedCall } from "./_call_failures.ts";
import { endedError } from "./_reference_errors.ts";
import { labelOf } from "./_reference_label.ts";
import type { Imported } from "./imported.ts";
import { OutgoingTarget } from "./outgoing_target.ts";

/** A function or an object of the other side, or what is written to one. */
export class ReferenceTarget extends OutgoingTarget {
  readonly isRoot = false;
  readonly #imported: Imported;
  readonly #specOf: (method: string) => Method | undefined;

  /** @param specOf What the contract says of a method: known only once the message that brought it was read. */
  constructor(imported: Imported, specOf: (method: string) => Method | undefined) {
    super(imported.session);
    this.#imported = imported;
    this.#specOf = specOf;
  }

  get number(): number {
    return -1 - this.#imported.entry.id;
  }

  get contract(): string {
    return this.#imported.origin.contract;
  }

  override labelOf(method: string): string {
    return labelOf(this.#imported.origin, method);
  }

  override specOf(method: string): Method | undefined {
    return this.#specOf(method);
  }

  override refusal({ name }: FailedCall): PluginError | undefined {
    return this.#imported.entry.isHeld ? undefined : endedError(this.#imported, name);
  }

  override drop(): void {
    this.#imported.dispose();
  }

  override intercepted(): void {
    this.session.unclaimed.began(this.#imported);
  }

  override released(): void {
    this.session.unclaimed.made(this.#imported);
  }

  protected override entered(): void {
    this.session.references.imports.depart(this.#imported.entry);
  }

  protected override left(): void {
    this.session.references.imports.departed(this.#imported.entry);
  }
}

/** A `WritableStream` of the other side: a call of it lasts for as long as it is written. */
export class WriterTarget extends ReferenceTarget {}
