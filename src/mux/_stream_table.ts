import { Ring } from "../transport/ring.ts";
import type { Limits } from "../wire/mod.ts";
import { LiveStreams } from "./_live_streams.ts";
import { isAfter, StreamIds } from "./_stream_ids.ts";
import { Admission } from "./admission.ts";
import { CloseCode } from "./codes.ts";
import type { MuxStream } from "./stream.ts";
import { StreamFault } from "./stream_handler.ts";

/** Refused streams that a peer may leave open before the session ends. */
const maxRefusedLive = 1_024;

/** The live streams of a session: their ids, how many there are of each side, and who waits for a place. */
export class StreamTable {
  readonly #live: LiveStreams = new LiveStreams();
  readonly #isLive: (id: number) => boolean = (id) => this.#live.get(id) !== undefined;
  #waiting: Ring<MuxStream> = new Ring();
  /** Of those in line for a place, how many have no use for it any more. */
  #gaveUp = 0;
  readonly #ids: StreamIds;
  readonly #maxRemote: number;
  readonly #localParity: number;
  readonly #calls: Admission;
  readonly #replies: Admission;
  #maxLocal = 0;
  #localCount = 0;
  #remoteCount = 0;
  #lastRemote = 0;

  /** @param first First id of this side: 1 or 2. */
  constructor(first: 1 | 2, limits: Limits) {
    this.#ids = new StreamIds(first);
    this.#localParity = first & 1;
    this.#maxRemote = limits.maxStreams;
    // Two pools: replies are always taken up at once, so what waits for them always goes on, even while calls are held back.
    // One message must always fit, else it would wait for ever.
    const roomBytes = Math.max(limits.maxBufferedBytes, limits.maxMessageBytes);
    this.#calls = new Admission(roomBytes);
    this.#replies = new Admission(roomBytes);
  }

  /** Streams that have a place, those of this side that still wait for their first frame's turn among them. */
  get size(): number {
    return this.#localCount + this.#remoteCount;
  }

  get remoteCount(): number {
    return this.#remoteCount;
  }

  get waitingCount(): number {
    return this.#waiting.length - this.#gaveUp;
  }

  /** Id of the last stream of the peer that was taken up; 0 when none was. */
  get lastRemote(): number {
    return this.#lastRemote;
  }

  /** True when a stream of this side may be opened at once. */
  get hasRoom(): boolean {
    return this.#localCount < this.#maxLocal && this.#waiting.length === 0;
  }

  /** How many streams of this side the peer takes. */
  set maxLocal(count: number) {
    this.#maxLocal = count;
  }

  get(id: number): MuxStream | undefined {
    return this.#live.get(id);
  }

  all(): MuxStream[] {
    return this.#live.all();
  }

  get admittedBytes(): { readonly calls: number; readonly replies: number } {
    return { calls: this.#calls.usedBytes, replies: this.#replies.usedBytes };
  }

  admission(stream: MuxStream): Admission {
    return stream.local ? this.#replies : this.#calls;
  }

  /** Puts a stream of this side in line for a place. */
  wait(stream: MuxStream): void {
    this.#waiting.push(stream);
  }

  /** The next stream that waited and now has a place. */
  nextWaiting(): MuxStream | undefined {
    while (this.#waiting.length > 0 && this.#localCount < this.#maxLocal) {
      const stream = this.#waiting.shift()!;
      if (!stream.isOver) return stream;
      this.#gaveUp--;
    }
    return undefined;
  }

  /** All that wait; they wait no more. */
  takeWaiting(): MuxStream[] {
    const streams: MuxStream[] = [];
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.isWaiting = false;
      if (!next.isOver) streams.push(next);
    }
    this.#gaveUp = 0;
    return streams;
  }

  /** Takes a place for a stream of this side before its first frame. */
  reserve(stream: MuxStream): void {
    if (stream.hasPlace) return;
    stream.hasPlace = true;
    this.#localCount++;
  }

  /** Gives a stream of this side its id: with its first frame. */
  enter(stream: MuxStream): void {
    this.reserve(stream);
    stream.id = this.#ids.take(this.#isLive);
    this.#live.add(stream);
  }

  /**
   * Takes in a stream of the peer.
   * @returns `false` when there are too many: it must be refused.
   */
  accept(stream: MuxStream, id: number): boolean {
    if ((id & 1) === this.#localParity) throw new StreamFault(`stream ${id}, whose number belongs to this side`);
    if (this.#live.get(id) !== undefined) throw new StreamFault(`OPEN on stream ${id}, which is open`);
    if (!isAfter(id, this.#lastRemote)) throw new StreamFault(`stream ${id} after stream ${this.#lastRemote}`);
    if (this.#remoteCount >= this.#maxRemote + maxRefusedLive) {
      throw new StreamFault(`${maxRefusedLive} streams over the limit of ${this.#maxRemote}`, CloseCode.limit);
    }
    const hasRoom = this.#remoteCount < this.#maxRemote;
    stream.id = id;
    stream.hasPlace = true;
    this.#lastRemote = id;
    this.#live.add(stream);
    this.#remoteCount++;
    return hasRoom;
  }

  /** True when a stream with this id may have been open before. */
  wasOpen(id: number): boolean {
    return (id & 1) === this.#localParity ? !this.#ids.isUnused(id) : !isAfter(id, this.#lastRemote);
  }

  /** Takes out a stream that is over. */
  leave(stream: MuxStream): void {
    if (stream.isWaiting) this.#giveUp(stream);
    if (stream.hasPlace) {
      stream.hasPlace = false;
      if (stream.local) this.#localCount--;
      else this.#remoteCount--;
    }
    if (stream.id !== 0) this.#live.delete(stream);
  }

  /** Calls that time out one after another while none gets a place must not pile up. */
  #giveUp(stream: MuxStream): void {
    stream.isWaiting = false;
    this.#gaveUp++;
    if (this.#gaveUp * 2 <= this.#waiting.length || this.#gaveUp < 64) return;
    const all = this.#waiting;
    this.#waiting = new Ring();
    this.#gaveUp = 0;
    for (let next = all.shift(); next !== undefined; next = all.shift()) if (!next.isOver) this.#waiting.push(next);
  }

  /** Goes on after these ids. */
  goOnAfter(local: number, remote: number): void {
    this.#ids.goOnAfter(local);
    this.#lastRemote = remote;
  }
}
