import type { Link, LinkHandler } from "../../src/transport/mod.ts";

/** Keeps what a link tells, and lets a test wait for it. */
export class Recorder implements LinkHandler {
  /** What happened, in order: `bytes` once for each run of chunks. */
  readonly events: string[] = [];
  readonly #link: Link;
  readonly #chunks: Uint8Array[] = [];
  received = 0;
  error: unknown;
  #waiting: { readonly test: () => boolean; readonly resolve: () => void }[] = [];
  /** Called with each chunk. */
  onBytes: (chunk: Uint8Array) => void = () => {};

  constructor(link: Link) {
    this.#link = link;
  }

  /** Starts the link with a new recorder. */
  static on(link: Link): Recorder {
    const recorder = new Recorder(link);
    link.start(recorder);
    return recorder;
  }

  bytes(chunk: Uint8Array): void {
    if (this.events.at(-1) !== "bytes") this.events.push("bytes");
    this.#chunks.push(chunk);
    this.received += chunk.length;
    this.onBytes(chunk);
    this.#check();
  }

  end(): void {
    this.#tell("end");
  }

  drain(): void {
    this.#tell("drain");
  }

  closed(error?: unknown): void {
    this.error = error;
    this.#tell("closed");
  }

  /** All bytes so far, as text. */
  get text(): string {
    const all = new Uint8Array(this.received);
    let offset = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return new TextDecoder().decode(all);
  }

  /** Waits until something has happened. */
  async until(event: "end" | "drain" | "closed"): Promise<void> {
    await this.when(() => this.events.includes(event));
  }

  /** Waits until so many bytes have come. */
  async size(bytes: number): Promise<void> {
    await this.when(() => this.received >= bytes);
  }

  when(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ test, resolve }));
  }

  /** The link it listens to. */
  get link(): Link {
    return this.#link;
  }

  #tell(event: string): void {
    this.events.push(event);
    this.#check();
  }

  #check(): void {
    const ready = this.#waiting.filter(({ test }) => test());
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((entry) => !ready.includes(entry));
    for (const { resolve } of ready) resolve();
  }
}

/** Lets everything that is on its way arrive: several turns of the event loop. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
