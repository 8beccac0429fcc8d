import { createLogger, type Logger, type LogSink, StderrLines, StderrTail } from "../log/mod.ts";
import type { ByteSource } from "../runtime/runtime.ts";
import type { OutputTaker } from "./_followed_file.ts";
import { type OutputSink, outputTo, type SinkFeed } from "./output_sink.ts";

/** Time for the last of a plugin's output after its end, in ms: something else may hold it open. */
export const lastWordsMs = 200;

/** The sinks that a host named. */
export interface OutputSinks {
  readonly stdout?: OutputSink;
  readonly stderr?: OutputSink;
}

/** Where a plugin's stdout and stderr go: to the log line by line, and byte for byte to the sinks the host named. */
export class PluginOutput {
  /** Plugwire's own records on this plugin. */
  readonly log: Logger;
  readonly #tail = new StderrTail();
  readonly #stderrLines: StderrLines;
  readonly #stdoutLines: StderrLines | undefined;
  readonly #toStdout: SinkFeed;
  readonly #toStderr: SinkFeed;
  readonly #stdoutDone: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #stderrDone: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #stderrEnd: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(name: string, sink: LogSink, options: OutputSinks) {
    this.log = createLogger({ source: `plugwire.${name}`, sink });
    this.#stderrLines = new StderrLines({ source: name, sink, tail: this.#tail });
    if (options.stdout === undefined) this.#stdoutLines = new StderrLines({ source: name, sink });
    this.#toStdout = outputTo(options.stdout, "stdout", this.log);
    try {
      this.#toStderr = outputTo(options.stderr, "stderr", this.log);
    } catch (error) {
      // Nothing was written yet: it is let go of, and cannot fail.
      void this.#toStdout.end();
      throw error;
    }
  }

  /** The last lines of stderr. */
  get stderrTail(): string {
    return this.#tail.text;
  }

  /** Settles when stderr has ended. */
  get stderrEnd(): Promise<void> {
    return this.#stderrEnd.promise;
  }

  /** Settles when both have ended, and the streams that took them are let go of. */
  get ended(): Promise<void> {
    return Promise.all([this.#stdoutDone.promise, this.#stderrDone.promise]).then(() => {});
  }

  /** Reads stderr until its end. */
  readStderr(source: ByteSource | undefined): void {
    if (source === undefined) return this.#stderrOver();
    source.start({
      bytes: (chunk) => {
        this.#stderrLines.push(chunk);
        this.#toStderr.write(chunk);
      },
      end: () => this.#stderrEnded(),
    });
  }

  /** Takes a piece of stdout. */
  stdout(chunk: Uint8Array): void {
    this.#stdoutLines?.push(chunk);
    this.#toStdout.write(chunk);
  }

  /** Stdout has ended. */
  stdoutEnd(): void {
    this.#stdoutLines?.end();
    void this.#toStdout.end().then(this.#stdoutDone.resolve);
  }

  /** Takes stdout from a file, where nothing of it is lost between one host and the next. */
  get fromStdoutFile(): OutputTaker {
    return takerOf(this.#stdoutLines, this.#toStdout, () => this.stdoutEnd());
  }

  /** The same of stderr. */
  get fromStderrFile(): OutputTaker {
    return takerOf(this.#stderrLines, this.#toStderr, () => this.#stderrEnded());
  }

  /** Lets go of the streams, as another host goes on: a line that has not ended is for that one to log. */
  async letGo(): Promise<void> {
    this.#stderrEnd.resolve();
    await Promise.all([
      this.#toStdout.end().then(this.#stdoutDone.resolve),
      this.#toStderr.end().then(this.#stderrDone.resolve),
    ]);
  }

  /** There was no plugin to read from: the streams are let go of. */
  async release(): Promise<void> {
    this.stdoutEnd();
    this.#stderrOver();
    await this.ended;
  }

  #stderrEnded(): void {
    this.#stderrLines.end();
    this.#stderrOver();
  }

  #stderrOver(): void {
    this.#stderrEnd.resolve();
    void this.#toStderr.end().then(this.#stderrDone.resolve);
  }
}

function takerOf(lines: StderrLines | undefined, sink: SinkFeed, end: () => void): OutputTaker {
  return {
    bytes(chunk) {
      lines?.push(chunk);
      sink.write(chunk);
    },
    taken: () => sink.taken(),
    get heldBytes() {
      return lines?.heldBytes ?? 0;
    },
    again: (chunk) => lines?.push(chunk),
    gap: () => lines?.end(),
    end,
  };
}
