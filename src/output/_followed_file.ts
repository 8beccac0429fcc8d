import type { Logger } from "../log/mod.ts";
import type { OpenFile, OpenFileFacts } from "../runtime/runtime.ts";
import type { OutputPlace } from "./_output_places.ts";
import type { OutputRecord } from "./_output_record.ts";
import type { OutputName } from "./output_files.ts";

/** Most that is delivered at a time, and so most that a host may deliver again when the one before was killed, in bytes. */
export const batchBytes = 262_144;

/** Takes what one output of a plugin has in store. Nothing of it throws. */
export interface OutputTaker {
  /** Takes the next piece, which is its own to keep. */
  bytes(chunk: Uint8Array): void;
  /** Settles when all it was given is where it was to go; `undefined` when that is so already. The next piece waits for it. */
  taken(): Promise<void> | undefined;
  /** Of what it was given, the last so many bytes are the beginning of a line that has not ended yet, and is not logged. */
  readonly heldBytes: number;
  /** The beginning of a line that the host before was given and has not logged: for the log alone. */
  again(chunk: Uint8Array): void;
  /** What comes next does not follow on what came: a line that has not ended is over. */
  gap(): void;
  /** There is no more. */
  end(): void;
}

/** What a {@linkcode FollowedFile} is made with. */
export interface FollowedParts {
  readonly record: OutputRecord;
  readonly taker: OutputTaker;
  readonly log: Logger;
  /** Tells up to where the plugin has dropped what nobody had read. */
  readonly dropped: () => number;
}

/** How often a file may be found shorter than it was before that is taken for final: the plugin may be in the midst of freeing it. */
const patience = 20;

/** One output of a plugin, read from a place on and delivered batch by batch. */
export class FollowedFile {
  readonly #name: OutputName;
  readonly #file: OpenFile;
  readonly #record: OutputRecord;
  readonly #taker: OutputTaker;
  readonly #log: Logger;
  readonly #dropped: () => number;
  #at: number;
  /** How often in a row it was found shorter than it was. */
  #shorter = 0;
  #pumping: Promise<void> | undefined;
  #isOver = false;
  #isClosed = false;
  #isRemoved = false;

  constructor(name: OutputName, file: OpenFile, { record, taker, log, dropped }: FollowedParts) {
    this.#name = name;
    this.#file = file;
    this.#record = record;
    this.#taker = taker;
    this.#log = log;
    this.#dropped = dropped;
    this.#at = this.#startingPlace();
  }

  /** True when nothing more is read: another host has taken over, or it cannot be. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** All before it was delivered, in this file and for good. */
  get place(): OutputPlace {
    return this.#record.places[this.#name];
  }

  /** Delivers what there is now. Gives whether there was anything. */
  poll(): boolean {
    if (this.#pumping !== undefined) return true;
    if (this.#isOver || this.#look() <= this.#at) return false;
    this.#pumping = this.#pump(Number.POSITIVE_INFINITY).finally(() => {
      this.#pumping = undefined;
    });
    return true;
  }

  /** Delivers what there is now, to the last byte, and then says that it was all. */
  async finish(): Promise<void> {
    const to = this.#look();
    await this.#pumping;
    if (to > this.#at) await this.#pump(to);
    this.stop();
    this.#taker.end();
  }

  /** Reads no more. Settles when what was being delivered is. */
  async settle(): Promise<void> {
    this.#isOver = true;
    await this.#pumping;
  }

  /** Reads no more, and lets go of the file. */
  stop(): void {
    this.#isOver = true;
    this.#isClosed = true;
    this.#file.close();
  }

  async #pump(to: number): Promise<void> {
    while (!this.#isOver && this.#at < to) {
      const chunk = await this.#read(Math.min(batchBytes, to - this.#at));
      if (chunk === undefined || chunk.length === 0 || this.#isOver) return;
      if (!(await this.#record.isMine())) return this.#superseded();
      const dropped = this.#dropped();
      if (dropped > this.#at) {
        // Of what was just read any part may be the zeros in its place.
        this.#skip(dropped);
        continue;
      }
      this.#taker.bytes(chunk);
      await this.#taker.taken();
      // Let go of in the meantime: the next host repeats it.
      if (this.#isClosed) return;
      this.#at += chunk.length;
      this.#note();
    }
  }

  async #read(bytes: number): Promise<Uint8Array | undefined> {
    try {
      // What has grown little takes no large buffer.
      const left = this.#file.facts().size - this.#at;
      return left <= 0 ? undefined : await this.#file.read(this.#at, Math.min(bytes, left));
    } catch (error) {
      this.#unreadable(error);
      return undefined;
    }
  }

  #note(): void {
    const { id } = this.place;
    this.#record.set(this.#name, { delivered: this.#at, logged: this.#at - this.#taker.heldBytes, id });
  }

  /** Its size, after a look at whether it is still what it was. */
  #look(): number {
    try {
      const facts = this.#file.facts();
      if (facts.links === 0) this.#removed();
      if (facts.size >= this.#at) this.#shorter = 0;
      else if (!this.#isBeingFreed(facts)) this.#truncated(facts);
      return facts.size;
    } catch (error) {
      this.#unreadable(error);
      return 0;
    }
  }

  #startingPlace(): number {
    const { delivered, logged, id } = this.place;
    try {
      const facts = this.#file.facts();
      if (id !== "" && id !== facts.id) {
        this.#log.warn(`the file of the plugin's ${this.#name} was replaced by another; it is read from its beginning`);
        return this.#restart(facts);
      }
      this.#record.set(this.#name, { delivered, logged, id: facts.id });
      const isThere = facts.size >= delivered && this.#dropped() <= logged;
      if (logged < delivered && isThere) this.#taker.again(this.#file.readNow(logged, delivered - logged));
    } catch (error) {
      this.#unreadable(error);
    }
    return delivered;
  }

  #isBeingFreed({ size }: OpenFileFacts): boolean {
    const dropped = this.#dropped();
    return dropped > 0 && dropped >= size && ++this.#shorter <= patience;
  }

  #skip(to: number): void {
    const bytes = to - this.#at;
    this.#log.warn(
      `the plugin's ${this.#name} took more of the disk than maxOutputBytes, unread: some of it was dropped`,
      {
        bytes,
      },
    );
    this.#taker.gap();
    this.#at = to;
    this.#note();
  }

  #truncated(facts: OpenFileFacts): void {
    const { size } = facts;
    this.#log.warn(`the file of the plugin's ${this.#name} was cut; it is read from its beginning`, {
      deliveredBytes: this.#at,
      size,
    });
    this.#taker.gap();
    this.#at = this.#restart(facts);
  }

  #restart({ id }: OpenFileFacts): number {
    this.#record.set(this.#name, { delivered: 0, logged: 0, id });
    return 0;
  }

  #removed(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    const what = `the file of the plugin's ${this.#name} was removed`;
    this.#log.warn(`${what}; what is written to it still comes here, and not to a host that takes over`);
  }

  #superseded(): void {
    this.#isOver = true;
    this.#log.info(`another host has taken over the plugin's ${this.#name}`);
  }

  #unreadable(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#log.error(`the plugin's ${this.#name} cannot be read any more`, { error });
  }
}
