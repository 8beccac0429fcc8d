/**
 * Two sides that name each other's values in messages over ordered channels, with messages in fragments that take turns, are given up,
 * stopped and refused: the schedule is random, the tables are the real ones.
 */
import {
  type Export,
  ExportTable,
  type Import,
  ImportTable,
  IncomingReferences,
  OutgoingReferences,
} from "../../src/references/mod.ts";

/** A rule that can be left out, to show that it is needed. */
export type Rule =
  | "release with the number received"
  | "take back what was given up"
  | "take back what was refused"
  | "release what arrives too late"
  | "hold a release until what names it is sent"
  | "end with the last call that it is lent to"
  | "keep what is owned"
  | "abort after what names it is sent";

export const rules: readonly Rule[] = [
  "release with the number received",
  "take back what was given up",
  "take back what was refused",
  "release what arrives too late",
  "hold a release until what names it is sent",
  "end with the last call that it is lent to",
  "keep what is owned",
  "abort after what names it is sent",
];

interface Thing {
  readonly name: string;
  isAborted: boolean;
}

type Named = { readonly home: boolean; readonly id: number; readonly thing: Thing };
type Frame =
  | { readonly type: "fragment"; readonly stream: number }
  | { readonly type: "message"; readonly stream: number; readonly list: readonly Named[]; readonly isKept: boolean }
  | { readonly type: "stopped"; readonly stream: number }
  | { readonly type: "stop"; readonly stream: number; readonly isRefused: boolean }
  | { readonly type: "release"; readonly id: number; readonly times: number }
  | { readonly type: "abort"; readonly id: number; readonly thing: Thing };

interface Outgoing {
  readonly stream: number;
  readonly references: OutgoingReferences<unknown, Thing>;
  readonly list: readonly Named[];
  readonly homeward: readonly Import<Thing>[];
  readonly isKept: boolean;
  fragmentsLeft: number;
}

class Broken extends Error {}

class Side {
  readonly exports: ExportTable<unknown>;
  readonly imports: ImportTable<Thing>;
  readonly inbox: Frame[] = [];
  peer!: Side;
  readonly #random: (below: number) => number;
  readonly #without: Rule | undefined;
  readonly #things: Thing[];
  readonly #sending: Outgoing[] = [];
  readonly #sent: Map<number, OutgoingReferences<unknown, Thing>> = new Map();
  /** Streams of the peer's that this side has stopped or refused before they were complete. */
  readonly #stopped: Map<number, "stopped" | "refused"> = new Map();
  readonly #arriving: Set<number> = new Set();
  readonly #calls: { readonly references: IncomingReferences<Thing>; readonly lent: Import<Thing>[] }[] = [];
  readonly #owned: Set<Import<Thing>> = new Set();
  readonly #seen: Set<number> = new Set();
  #nextStream = 0;

  constructor(name: string, random: (below: number) => number, without: Rule | undefined) {
    this.#random = random;
    this.#without = without;
    this.#things = Array.from({ length: 4 }, (_, n) => ({ name: `${name}${n}`, isAborted: false }));
    this.exports = new ExportTable(1_000);
    this.imports = new ImportTable<Thing>(1_000, {
      release: (id, times) => this.#release(id, times),
      ended: (entry) => this.#owned.delete(entry),
    });
  }

  /** Something of what this side may do. */
  step(): void {
    switch (this.#random(12)) {
      case 0:
      case 1:
        return this.#encode();
      case 2:
      case 3:
      case 4:
        return this.#emit();
      case 5:
        return this.#giveUp();
      case 6:
      case 7:
      case 8:
        return this.receive();
      case 9:
        return this.#random(3) === 0 ? this.#stop() : this.#settle();
      case 10:
        return this.#random(4) === 0 ? this.#abort() : this.#dispose();
      default:
        return this.#use();
    }
  }

  /** Ends all that it can end. @returns False when nothing was left to do. */
  wind(): boolean {
    const before = this.#sending.length + this.inbox.length + this.#calls.length + this.#owned.size;
    this.#emit();
    this.receive();
    this.#settle();
    this.#dispose();
    return before > 0;
  }

  #has(rule: Rule): boolean {
    return rule !== this.#without;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from.length === 0 ? undefined : from[this.#random(from.length)];
  }

  #release(id: number, times: number): void {
    this.peer.inbox.push({ type: "release", id, times: this.#has("release with the number received") ? times : 1 });
  }

  #encode(): void {
    const references = new OutgoingReferences(this);
    const list: Named[] = [];
    const homeward: Import<Thing>[] = [];
    for (let left = this.#random(3); left >= 0; left--) {
      const held = this.#random(2) === 0 ? this.#pick(this.#usable()) : undefined;
      if (held !== undefined) {
        references.sendHome(held);
        homeward.push(held);
        if (!this.#has("hold a release until what names it is sent")) this.imports.departed(held);
        list.push({ home: true, id: held.id, thing: held.content! });
        continue;
      }
      const thing = this.#pick(this.#things)!;
      list.push({ home: false, id: references.export(thing, this.#random(2)).id, thing });
    }
    const isKept = this.#random(2) === 0;
    const fragmentsLeft = 1 + this.#random(3);
    this.#sending.push({ stream: this.#nextStream++, references, list, homeward, isKept, fragmentsLeft });
  }

  #emit(): void {
    const message = this.#pick(this.#sending);
    if (message === undefined) return;
    const { stream, list, isKept, references } = message;
    message.fragmentsLeft--;
    if (message.fragmentsLeft > 0) {
      this.peer.inbox.push({ type: "fragment", stream });
      return;
    }
    this.#sending.splice(this.#sending.indexOf(message), 1);
    this.#sent.set(stream, references);
    this.peer.inbox.push({ type: "message", stream, list, isKept });
    this.#leaves(message);
    references.sent();
  }

  /** Where a release does not wait, this evens out that the references were said to have left before. */
  #leaves({ homeward }: Outgoing): void {
    if (this.#has("hold a release until what names it is sent")) return;
    for (const entry of homeward) this.imports.depart(entry);
  }

  #giveUp(): void {
    const message = this.#pick(this.#sending);
    if (message !== undefined && this.#random(2) === 0) this.#drop(message);
  }

  #drop(message: Outgoing): void {
    this.#sending.splice(this.#sending.indexOf(message), 1);
    this.peer.inbox.push({ type: "stopped", stream: message.stream });
    this.#leaves(message);
    if (this.#has("take back what was given up")) message.references.takeBack();
    else message.references.sent();
  }

  receive(): void {
    const frame = this.inbox.shift();
    if (frame !== undefined) this.#take(frame);
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case "fragment":
        return this.#begins(frame.stream);
      case "message":
        this.#begins(frame.stream);
        return this.#complete(frame);
      case "stopped":
        this.#arriving.delete(frame.stream);
        this.#stopped.delete(frame.stream);
        return;
      case "stop":
        return this.#onStop(frame.stream, frame.isRefused);
      case "release":
        return this.exports.release(frame.id, frame.times);
      case "abort": {
        const entry = this.imports.get(frame.id);
        if (!this.#seen.has(frame.id)) throw new Broken("aborted before it was named");
        if (entry !== undefined && entry.content !== frame.thing) throw new Broken("aborted another");
      }
    }
  }

  #begins(stream: number): void {
    if (this.#arriving.has(stream)) return;
    this.#arriving.add(stream);
    if (this.#random(10) !== 0) return;
    this.#stopped.set(stream, "refused");
    this.peer.inbox.push({ type: "stop", stream, isRefused: true });
  }

  #complete({ stream, list, isKept }: Frame & { type: "message" }): void {
    this.#arriving.delete(stream);
    const stopped = this.#stopped.get(stream);
    this.#stopped.delete(stream);
    for (const { home, id } of list) if (!home) this.#seen.add(id);
    if (stopped === "refused") return;
    if (stopped === "stopped") {
      if (!this.#has("release what arrives too late")) return;
      for (const { home, id } of list) if (!home) this.imports.discard(id);
      return;
    }
    const references = new IncomingReferences(this.imports);
    const lent: Import<Thing>[] = [];
    for (const { home, id, thing } of list) {
      if (home) this.#comesHome(id, thing);
      else {
        const entry = references.receive(id);
        entry.content ??= thing;
        if (entry.content !== thing) throw new Broken(`${id} was ${entry.content.name} and is ${thing.name}`);
        lent.push(entry);
      }
    }
    if (!isKept) {
      this.#calls.push({ references, lent });
      return;
    }
    if (this.#has("keep what is owned")) references.keep(() => {});
    else references.giveBack();
    for (const entry of lent) if (!this.#owned.has(entry)) this.#owned.add(entry);
  }

  #comesHome(id: number, thing: Thing): void {
    const entry: Export | undefined = this.exports.get(id);
    if (entry === undefined) throw new Broken("came home unknown");
    if (entry.value !== thing) throw new Broken("came home as another");
  }

  #onStop(stream: number, isRefused: boolean): void {
    const message = this.#sending.find((one) => one.stream === stream);
    if (message !== undefined) return this.#drop(message);
    const sent = this.#sent.get(stream);
    if (isRefused && this.#has("take back what was refused")) sent?.takeBack();
  }

  #stop(): void {
    const stream = this.#pick([...this.#arriving]);
    if (stream === undefined || this.#stopped.has(stream)) return;
    this.#stopped.set(stream, "stopped");
    this.peer.inbox.push({ type: "stop", stream, isRefused: false });
  }

  #settle(): void {
    const call = this.#pick(this.#calls);
    if (call === undefined) return;
    this.#calls.splice(this.#calls.indexOf(call), 1);
    if (!this.#has("end with the last call that it is lent to")) {
      for (const entry of call.lent) if (!entry.isOwned) this.imports.finish(entry, "returned");
    }
    call.references.giveBack();
  }

  #dispose(): void {
    const entry = this.#pick([...this.#owned]);
    if (entry === undefined) return;
    this.#owned.delete(entry);
    // What is lent to a call that runs may be used there until its end.
    if (entry.loans > 0) entry.isOwned = false;
    else this.imports.finish(entry, "disposed");
  }

  /** What is lent or owned must be usable. */
  #use(): void {
    if (this.#usable().some(({ isHeld }) => !isHeld)) throw new Broken("a reference that is in use has ended");
  }

  #usable(): readonly Import<Thing>[] {
    return [...this.#owned, ...this.#calls.flatMap(({ lent }) => lent)];
  }

  #abort(): void {
    const entry = this.#pick([...this.exports.values()]);
    if (entry === undefined) return;
    const tell = (): void => {
      if (entry.count > 0) this.peer.inbox.push({ type: "abort", id: entry.id, thing: entry.value as Thing });
    };
    if (entry.isUnsent && this.#has("abort after what names it is sent")) entry.whenSent = tell;
    else tell();
  }
}

function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Runs one schedule. @returns What went wrong. */
export function runSchedule(seed: number, without?: Rule): string | undefined {
  const random = generator(seed);
  const [left, right] = [new Side("l", random, without), new Side("r", random, without)];
  left.peer = right;
  right.peer = left;
  try {
    for (let i = 0; i < 160; i++) (random(2) === 0 ? left : right).step();
    for (let isBusy = true; isBusy; ) {
      const busy = [left.wind(), right.wind()];
      isBusy = busy.includes(true);
    }
  } catch (error) {
    return (error as Error).message;
  }
  for (const side of [left, right]) {
    if (side.exports.size > 0) return `${side.exports.size} exports are left`;
    if (side.imports.size > 0) return `${side.imports.size} imports are left`;
  }
  return undefined;
}
