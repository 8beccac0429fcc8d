import type { Shape } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type Export, OutgoingReferences } from "../references/mod.ts";
import type { ReferenceSink } from "../values/mod.ts";
import { kindFor } from "./_kinds.ts";
import { endedError } from "./_reference_errors.ts";
import { type Imported, importedBehind } from "./imported.ts";
import { marks } from "./reference.ts";
import { type Exported, type NamedCall, Origin, type ReferenceKind } from "./reference_kind.ts";
import type { References, SentReferences } from "./references.ts";
import type { RpcSession } from "./rpc_session.ts";

/** From so many references on, those of a message are looked up by a map. */
const manyReferences = 16;
const nowhere: NamedCall = { contract: "", label: "" };

/** Takes up the references of the message that is being encoded. One serves one message after another. */
export class MessageSink implements ReferenceSink {
  readonly #session: RpcSession;
  readonly #references: References;
  #call = nowhere;
  #origin: Origin | undefined;
  #isGiven = false;
  #shapes: ReadonlyMap<object, Shape> | undefined;
  #outgoing: SentReferences | undefined;
  #descriptors: unknown[] = [];
  #values: object[] = [];
  #indexes: Map<object, number> | undefined;

  constructor(session: RpcSession, references: References) {
    this.#session = session;
    this.#references = references;
  }

  begin(call: NamedCall, isGiven: boolean, shapes: ReadonlyMap<object, Shape> | undefined): void {
    this.#call = call;
    this.#isGiven = isGiven;
    this.#shapes = shapes;
  }

  /** What the message named. It is over. */
  take(): SentReferences | undefined {
    this.#call = nowhere;
    this.#shapes = undefined;
    const outgoing = this.#outgoing;
    if (outgoing === undefined) return undefined;
    this.#outgoing = undefined;
    this.#origin = undefined;
    this.#descriptors = [];
    this.#values = [];
    this.#indexes = undefined;
    return outgoing;
  }

  /** Plain objects that do not cross by value. */
  get marked(): { has(value: object): boolean } | undefined {
    const marked = marks();
    const shapes = this.#shapes;
    if (shapes === undefined) return marked;
    return { has: (value) => marked?.has(value) === true || shapes.get(value)?.kind === "reference" };
  }

  add(value: object, path: () => string): number | undefined {
    const known = this.#indexes === undefined ? this.#values.indexOf(value) : (this.#indexes.get(value) ?? -1);
    if (known >= 0) return known;
    try {
      return this.#add(value, path);
    } catch (error) {
      if (error instanceof PluginError) throw error;
      // A getter or a trap, where it was asked what it is.
      const text = `it cannot be read: ${PluginError.from(error).message}`;
      throw this.#cannotSend(new PluginError(ErrorCode.unsupportedValue, text, { cause: error }), path());
    }
  }

  #add(value: object, path: () => string): number | undefined {
    // Which the promises of references are too, though they can be called.
    if (value instanceof Promise) throw this.#cannotSend(unawaited(), path());
    const imported = importedBehind(value);
    const isHome = imported !== undefined && imported.session === this.#session;
    if (isHome && imported.mayGoHome && !imported.entry.isHeld) throw this.#cannotSend(ended(imported), path());
    const descriptor = isHome && imported.mayGoHome ? this.#goesHome(imported) : this.#leaves(value, path);
    if (descriptor === undefined) return undefined;
    const index = this.#descriptors.length;
    this.#descriptors.push(descriptor);
    this.#values.push(value);
    if (index >= manyReferences) {
      this.#indexes ??= new Map(this.#values.map((one, at) => [one, at]));
      this.#indexes.set(value, index);
    }
    return index;
  }

  list(): readonly unknown[] | undefined {
    return this.#descriptors.length === 0 ? undefined : this.#descriptors;
  }

  #goesHome(imported: Imported): number {
    this.#open().sendHome(imported.entry);
    return imported.entry.id;
  }

  #leaves(value: object, path: () => string): readonly unknown[] | undefined {
    const shape = this.#shapes?.get(value);
    const kind = kindFor(value, shape);
    if (kind === undefined) return undefined;
    try {
      const entry = this.#open().export(value, facetOf(shape));
      if (entry.content === undefined) entry.content = this.#export(kind, value, entry, shape);
      else entry.content.again?.(this.#call);
      const facts = entry.content.facts?.();
      return facts === undefined ? [kind.code, entry.id] : [kind.code, entry.id, ...facts];
    } catch (error) {
      throw this.#cannotSend(PluginError.from(error, ErrorCode.unsupportedValue), path());
    }
  }

  #export(kind: ReferenceKind, value: object, entry: Export<Exported>, shape: Shape | undefined): Exported {
    this.#origin ??= new Origin(this.#call.contract, this.#call.label);
    const [session, origin, call] = [this.#session, this.#origin, this.#call];
    return kind.export(value, { session, entry, origin, call, shape, isGiven: this.#isGiven });
  }

  #open(): SentReferences {
    this.#outgoing ??= new OutgoingReferences(this.#references);
    return this.#outgoing;
  }

  #cannotSend(error: PluginError, path: string): PluginError {
    return new PluginError(error.code, `cannot send ${path || "this"}: ${error.message}`, { path, cause: error.cause });
  }
}

/** Not `closed`, as calls of it are: no peer can be told that as the end of its call. */
function ended(imported: Imported): PluginError {
  return new PluginError(ErrorCode.unsupportedValue, endedError(imported, "it").message);
}

function unawaited(): PluginError {
  return new PluginError(ErrorCode.unsupportedValue, "it is a promise; await it, and send what it gives");
}

/** The same value under another contract is another reference. */
export function facetOf(shape: Shape | undefined): unknown {
  switch (shape?.kind) {
    case "callback":
      return shape.method;
    case "reference":
      return shape.contract;
    case "stream":
      return shape.item;
    default:
      return shape?.kind;
  }
}
