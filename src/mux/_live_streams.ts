import type { MuxStream } from "./stream.ts";

/** Slots at first: a session that has little to say keeps no more. */
const firstSlots = 16;
/** Slots at most; what finds none is in a map. */
const maxSlots = 4_096;

/**
 * The live streams of a session by their ids. Ids rise, and most streams are short: each has a slot by the last bits of its id.
 *
 * Not a Map alone: V8 makes the table of a Map anew after so many entries, and has the old table point to the new one. Once one of
 * them was old enough for the old generation, each keeps all streams alive that were in it, until a full collection: with 64
 * calls under way 40 % of what a scavenge met survived it.
 */
export class LiveStreams {
  #slots: (MuxStream | undefined)[] = emptySlots(firstSlots);
  /** Those whose slot was taken. */
  readonly #others: Map<number, MuxStream> = new Map();
  #size = 0;

  get(id: number): MuxStream | undefined {
    const slots = this.#slots;
    const stream = slots[id & (slots.length - 1)];
    if (stream !== undefined && stream.id === id) return stream;
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** Takes in a stream that has its id. */
  add(stream: MuxStream): void {
    this.#size++;
    // Half of the slots are for the ids of the other side.
    if (this.#size * 4 > this.#slots.length && this.#slots.length < maxSlots) this.#grow();
    this.#place(stream);
  }

  /** Takes it out. */
  delete(stream: MuxStream): void {
    const slots = this.#slots;
    const at = stream.id & (slots.length - 1);
    if (slots[at] === stream) slots[at] = undefined;
    else if (this.#others.get(stream.id) === stream) this.#others.delete(stream.id);
    else return;
    this.#size--;
  }

  /** All of them, in the order of their ids. */
  all(): MuxStream[] {
    const streams = this.#slots.filter((stream) => stream !== undefined);
    streams.push(...this.#others.values());
    return streams.sort((one, other) => (one.id - other.id) | 0);
  }

  #place(stream: MuxStream): void {
    const slots = this.#slots;
    const at = stream.id & (slots.length - 1);
    if (slots[at] === undefined) slots[at] = stream;
    else this.#others.set(stream.id, stream);
  }

  #grow(): void {
    const streams = this.all();
    this.#slots = emptySlots(this.#slots.length * 2);
    this.#others.clear();
    for (const stream of streams) this.#place(stream);
  }
}

function emptySlots(count: number): (MuxStream | undefined)[] {
  return new Array<MuxStream | undefined>(count).fill(undefined);
}
