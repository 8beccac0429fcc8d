import type { Link, LinkHandler } from "../../src/transport/link.ts";

/** Takes what a link gives, and lets a test wait for it. */
export class Tap implements LinkHandler {
  readonly link: Link;
  readonly chunks: Uint8Array[] = [];
  readonly events: string[] = [];
  readonly ended: Promise<void>;
  readonly closing: Promise<unknown>;
  length = 0;
  #end!: () => void;
  #close!: (error: unknown) => void;
  #waiting: (() => void)[] = [];

  constructor(link: Link, start = true) {
    this.link = link;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.closing = new Promise((resolve) => {
      this.#close = resolve;
    });
    if (start) link.start(this);
  }

  bytes(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    this.#happened("bytes");
  }
  end(): void {
    this.#happened("end");
    this.#end();
  }
  drain(): void {
    this.#happened("drain");
  }
  closed(error?: unknown): void {
    this.#happened("closed");
    this.#close(error);
  }

  /** Resolves once the condition holds, looking at it after every event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
  async text(length: number): Promise<string> {
    await this.until(() => this.length >= length);
    return this.all();
  }
  all(): string {
    return new TextDecoder().decode(Buffer.concat(this.chunks));
  }

  #happened(event: string): void {
    if (event !== "bytes" || this.events.at(-1) !== "bytes") this.events.push(event);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
