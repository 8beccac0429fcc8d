/** What tests of a plugin's output in files share: files to write to, and a taker that keeps what it is given. */
import { closeSync, openSync, writeSync } from "node:fs";
import { createLogger, type Logger } from "../../src/log/mod.ts";
import type { OutputTaker } from "../../src/output/_followed_file.ts";
import { type CreateOutputOptions, OutputFiles } from "../../src/output/output_files.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { Records } from "./life.ts";

export const runtime: Runtime = await detectRuntime();

/** Keeps what it is given, and can be waited for. */
export class Taken implements OutputTaker {
  readonly pieces: Uint8Array[] = [];
  readonly repeated: Uint8Array[] = [];
  gaps = 0;
  length = 0;
  readonly ended: Promise<void>;
  heldBytes = 0;
  /** What the next pieces wait for. */
  waitFor: Promise<void> | undefined;
  readonly #end: () => void;
  #look: () => void = () => {};

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }

  bytes(chunk: Uint8Array): void {
    this.pieces.push(chunk);
    this.length += chunk.length;
    const newline = chunk.lastIndexOf(10);
    this.heldBytes = newline < 0 ? this.heldBytes + chunk.length : chunk.length - newline - 1;
    this.#look();
  }

  taken(): Promise<void> | undefined {
    return this.waitFor;
  }

  again(chunk: Uint8Array): void {
    this.repeated.push(chunk);
    this.heldBytes += chunk.length;
  }

  gap(): void {
    this.gaps++;
  }

  end(): void {
    this.#end();
  }

  /** Settles once so many bytes have come. */
  async atLeast(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => {
      if (this.length >= count) resolve();
    };
    this.#look();
    // Output keeps no process alive by itself.
    const awake = setInterval(() => {}, 1_000);
    await promise;
    clearInterval(awake);
  }
}

/** Files of output, removed at the end, with what was said of them. */
export class OutputPlaceForTests {
  readonly files: OutputFiles;
  readonly records: Records;
  readonly log: Logger;

  private constructor(files: OutputFiles) {
    this.files = files;
    this.records = new Records();
    this.log = createLogger({ source: "test", sink: this.records.sink });
  }

  static async make(options: CreateOutputOptions = {}): Promise<OutputPlaceForTests> {
    return new OutputPlaceForTests(await OutputFiles.create(runtime, options));
  }

  get options(): { readonly runtime: Runtime; readonly log: Logger } {
    return { runtime, log: this.log };
  }

  write(name: "stdout" | "stderr", text: string | Uint8Array): void {
    // Deno's `appendFileSync` sets the mode of a file that is there to 0666.
    const fd = openSync(this.files.path(name), "a");
    writeSync(fd, typeof text === "string" ? new TextEncoder().encode(text) : text);
    closeSync(fd);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.files.remove();
  }
}
