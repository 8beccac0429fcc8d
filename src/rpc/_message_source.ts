import { ErrorCode, PluginError } from "../errors/mod.ts";
import { IncomingReferences } from "../references/mod.ts";
import type { ReferenceSource } from "../values/mod.ts";
import { kindOfCode } from "./_kinds.ts";
import type { Imported } from "./imported.ts";
import { brokenRule } from "./messages.ts";
import { Origin } from "./reference_kind.ts";
import type { References } from "./references.ts";
import type { RpcSession } from "./rpc_session.ts";

/** The byte of `null`: a message without references has it after its head. */
const nullByte = 0xf6;

/** What a message that arrived names. */
export class ReceivedReferences extends IncomingReferences<Imported> {
  /** The call that the message belongs to: known only once it has been read. */
  readonly origin: Origin = new Origin();

  /** The message has been read. */
  cameWith(contract: string, method: string): void {
    this.origin.contract = contract;
    this.origin.method = method;
  }

  /** The call that they were lent to is over: what code of this side still uses goes on. */
  settle(): void {
    for (const { content } of this.entries) if (content?.goesOn === true) content.own();
    this.giveBack();
  }

  /** They belong to this side. */
  own(): void {
    this.keep((entry) => entry.content?.owned());
  }
}

/** Gives what the references of the message that is being decoded stand for. One serves one message after another. */
export class MessageSource implements ReferenceSource {
  readonly #session: RpcSession;
  readonly #references: References;
  #received: ReceivedReferences | undefined;
  #values: unknown[] | undefined;
  #isDiscarding = false;

  constructor(session: RpcSession, references: References) {
    this.#session = session;
    this.#references = references;
  }

  decode(payload: Uint8Array): unknown[] {
    this.#checkCount(payload);
    try {
      return this.#session.codec.decodeMessage(payload, this);
    } catch (error) {
      this.take()?.giveBack();
      throw error;
    } finally {
      this.#values = undefined;
    }
  }

  take(): ReceivedReferences | undefined {
    const received = this.#received;
    this.#received = undefined;
    return received;
  }

  discard(payload: Uint8Array): void {
    if (payload[1] === nullByte) return;
    this.#isDiscarding = true;
    try {
      this.#checkCount(payload);
      this.#session.codec.decodeMessage(payload, this);
    } catch {
      // Only its list was wanted, and nobody is left to be told what is wrong with the rest.
    } finally {
      this.#isDiscarding = false;
    }
  }

  // ReferenceSource

  begin(list: unknown): void {
    if (list === null) return;
    if (!Array.isArray(list)) throw brokenRule("the references of a message are null or an array");
    if (this.#isDiscarding) return this.#discard(list);
    const received = new ReceivedReferences(this.#references.imports);
    this.#received = received;
    this.#values = (list as readonly unknown[]).map((item) => this.#take(item, received));
  }

  at(index: number): unknown {
    const values = this.#values;
    if (values === undefined || index >= values.length)
      throw brokenRule(`a reference ${index} that its list does not have`);
    return values[index];
  }

  /** Before memory is taken for them. A message names none twice. @throws PluginError `limit`, which ends the session. */
  #checkCount(payload: Uint8Array): void {
    if (payload[1] === nullByte) return;
    const { exports, imports } = this.#references;
    const most = imports.max + exports.size;
    const count = arrayCount(payload);
    if (count <= most) return;
    const text = `the peer names ${count} references in a message, at most ${imports.max} are held (limits.maxReferences)`;
    this.#end(new PluginError(ErrorCode.limit, text));
  }

  #take(item: unknown, received: ReceivedReferences): unknown {
    if (!Array.isArray(item)) return this.#references.exported(item).value;
    const [code, id, ...facts] = item as readonly unknown[];
    if (!isId(id)) throw brokenRule("a reference without a number");
    this.#forgetCollected(id);
    const entry = this.#receive(received, id);
    const kind = kindOfCode(code);
    if (kind === undefined) throw brokenRule(`a reference of unknown kind ${String(code)}`);
    entry.content ??= kind.import({ session: this.#session, entry, origin: received.origin }, facts);
    if (entry.content.code !== code) throw brokenRule(`reference ${id}, which was of another kind`);
    entry.content.again?.(facts);
    return entry.content.value;
  }

  #receive(received: ReceivedReferences, id: number): ReturnType<ReceivedReferences["receive"]> {
    try {
      return received.receive(id);
    } catch (error) {
      return this.#end(error);
    }
  }

  /** The peer was told how many are taken: it does not keep to it. */
  #end(error: unknown): never {
    this.#session.guard(() => {
      throw error;
    });
    throw error;
  }

  /** What stood for it was collected, and the registry has not said so yet. */
  #forgetCollected(id: number): void {
    const entry = this.#references.imports.get(id);
    if (entry?.content !== undefined && entry.content.value === undefined) {
      this.#references.imports.finish(entry, "disposed");
    }
  }

  #discard(list: readonly unknown[]): void {
    for (const item of list) {
      const id: unknown = Array.isArray(item) ? item[1] : undefined;
      if (isId(id)) this.#references.imports.discard(id);
    }
    throw brokenRule("nobody reads it");
  }
}

/** How many items the array has that a message begins with, as its head says; 0 when it is none. */
function arrayCount(payload: Uint8Array): number {
  const head = payload[1] ?? 0;
  if (head < 0x80 || head > 0x9b) return 0;
  if (head < 0x98) return head - 0x80;
  let count = 0;
  for (let at = 2; at < 2 + (1 << (head - 0x98)); at++) count = count * 256 + (payload[at] ?? 0);
  return count;
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
