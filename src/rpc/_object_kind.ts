import { implementedMethods, type Method, methodNames, type Shape } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { labelOf } from "./_reference_label.ts";
import { type BoundMethod, bindMethods } from "./bound_method.ts";
import type { CallOptions } from "./call_options.ts";
import { disposeImported, Imported } from "./imported.ts";
import { IncomingTarget } from "./incoming_target.ts";
import { makeReferenceProxy } from "./proxy.ts";
import { marks } from "./reference.ts";
import {
  type Exported,
  type ExportPlace,
  type ImportPlace,
  KindCode,
  type Origin,
  type ReferenceKind,
} from "./reference_kind.ts";
import { ReferenceTarget } from "./reference_target.ts";

/** As many as a hello may name of a contract. */
const maxNames = 4_096;

/** Calls of an object of this side. */
class ObjectTarget extends IncomingTarget {
  readonly #origin: Origin;
  readonly #methods: ReadonlyMap<string, BoundMethod>;

  constructor(methods: ReadonlyMap<string, BoundMethod>, origin: Origin) {
    super();
    this.#methods = methods;
    this.#origin = origin;
  }

  get contract(): string {
    return this.#origin.contract;
  }

  get methodNames(): readonly string[] {
    return [...this.#methods.keys()];
  }

  method(name: string): BoundMethod | undefined {
    return this.#methods.get(name);
  }

  override labelOf(method: string): string {
    return labelOf(this.#origin, method);
  }
}

/** An object of this side. */
class ExportedObject implements Exported {
  readonly target: ObjectTarget;
  readonly #facts: readonly unknown[];

  constructor(object: object, { shape, origin }: ExportPlace) {
    const contract = shape?.kind === "reference" ? shape.contract : undefined;
    const name = contract?.name ?? origin.contract;
    // Without a contract what it has is served: never what it was not found to have now.
    const methods = implementedMethods(name, contract?.methods, contract?.partial ?? true, object);
    const bound = bindMethods(object, methods, contract?.methods, name, (method) => labelOf(origin, method));
    if (bound.size > maxNames) {
      const text = `it has ${bound.size} methods; an object that crosses by reference has at most ${maxNames}`;
      throw new PluginError(ErrorCode.unsupportedValue, text);
    }
    this.target = new ObjectTarget(bound, origin);
    this.#facts = [this.target.methodNames];
  }

  facts(): readonly unknown[] {
    return this.#facts;
  }
}

/** An object of the peer. */
class ImportedObject extends Imported {
  readonly code = KindCode.object;
  readonly #target: ReferenceTarget;
  readonly #names: readonly string[];
  #specs: ReadonlyMap<string, Method> | undefined;

  constructor(place: ImportPlace, names: readonly string[]) {
    super(place);
    this.#names = names;
    this.#target = new ReferenceTarget(this, (method) => this.#specs?.get(method));
    this.standsFor(makeReferenceProxy(this.#target, names, undefined, disposeImported));
  }

  override shaped(shape: Shape): string | undefined {
    if (shape.kind !== "reference") return undefined;
    const { methods, name } = shape.contract;
    const missing = [...(methods?.keys() ?? [])].find((method) => !this.#names.includes(method));
    if (missing !== undefined) return `Expected a ${name}, which has a method ${JSON.stringify(missing)}`;
    this.#specs = methods;
    return undefined;
  }

  override remake(options: CallOptions): object {
    const made = makeReferenceProxy(this.#target, this.#names, options, disposeImported);
    this.alsoStandsFor(made);
    return made;
  }
}

/** Objects by reference: those that are marked, or declared so, and plain ones made of nothing but functions. */
export const objectKind: ReferenceKind = {
  code: KindCode.object,
  accepts(value, shape) {
    if (typeof value !== "object") return false;
    return shape?.kind === "reference" || marks()?.has(value) === true || isPlain(value);
  },
  export: (value, place) => new ExportedObject(value, place),
  import: (place, facts) => new ImportedObject(place, readNames(facts[0])),
};

/** Of plain objects only those made of functions are asked for. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === null || Object.getPrototypeOf(prototype) === null) && methodNames(value).length > 0;
}

function readNames(value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.length <= maxNames && value.every((name) => typeof name === "string");
  if (isList) return value as readonly string[];
  throw new PluginError(ErrorCode.badMessage, "an object reference without the names of its methods");
}
