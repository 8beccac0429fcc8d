import type { Method, Shape } from "../contract/mod.ts";
import { labelOf } from "./_reference_label.ts";
import { observed } from "./_unawaited.ts";
import type { BoundMethod } from "./bound_method.ts";
import type { CallOptions } from "./call_options.ts";
import { disposeImported, Imported } from "./imported.ts";
import { IncomingTarget } from "./incoming_target.ts";
import {
  type Exported,
  type ExportPlace,
  type ImportPlace,
  KindCode,
  type Origin,
  type ReferenceKind,
} from "./reference_kind.ts";
import { ReferenceTarget } from "./reference_target.ts";
import { startCall } from "./start_call.ts";

type AnyCall = (...args: unknown[]) => unknown;

/** Calls of a function of this side. */
export class FunctionTarget extends IncomingTarget {
  readonly #origin: Origin;
  readonly #method: BoundMethod;

  constructor(call: AnyCall, origin: Origin, spec: Method | undefined) {
    super();
    this.#origin = origin;
    const place = { contract: origin.contract, method: labelOf(origin, "") };
    this.#method = { spec, place, invoke: (args) => Reflect.apply(call, undefined, args) };
  }

  get contract(): string {
    return this.#origin.contract;
  }

  get methodNames(): readonly string[] {
    return [];
  }

  method(name: string): BoundMethod | undefined {
    return name === "" ? this.#method : undefined;
  }

  override labelOf(): string {
    return this.#method.place.method;
  }
}

/** A function of this side. */
class ExportedFunction implements Exported {
  readonly #call: AnyCall;
  readonly #origin: Origin;
  readonly #spec: Method | undefined;
  #target: FunctionTarget | undefined;

  constructor(call: AnyCall, { origin, shape }: ExportPlace) {
    this.#call = call;
    this.#origin = origin;
    this.#spec = shape?.kind === "callback" ? shape.method : undefined;
  }

  get target(): FunctionTarget {
    this.#target ??= new FunctionTarget(this.#call, this.#origin, this.#spec);
    return this.#target;
  }
}

/** A function of the peer. */
class ImportedFunction extends Imported {
  readonly code = KindCode.function;
  readonly #target: ReferenceTarget;
  #spec: Method | undefined;

  constructor(place: ImportPlace) {
    super(place);
    this.#target = new ReferenceTarget(this, () => this.#spec);
    this.standsFor(this.#make(undefined));
  }

  override shaped(shape: Shape): undefined {
    if (shape.kind === "callback") this.#spec = shape.method;
  }

  override remake(options: CallOptions): object {
    const made = this.#make(options);
    this.alsoStandsFor(made);
    return made;
  }

  #make(options: CallOptions | undefined): object {
    const target = this.#target;
    const call = (...args: unknown[]): Promise<unknown> =>
      observed(target, startCall(this.session, target, "", this.#spec, args, options));
    (call as unknown as Disposable)[Symbol.dispose] = disposeImported;
    return call;
  }
}

/** Functions: they always cross by reference. */
export const functionKind: ReferenceKind = {
  code: KindCode.function,
  accepts: (value) => typeof value === "function",
  export: (value, place) => new ExportedFunction(value as AnyCall, place),
  import: (place) => new ImportedFunction(place),
};
