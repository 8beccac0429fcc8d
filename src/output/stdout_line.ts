import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type HandshakeLine, type LineFound, LineScanner } from "../handshake/mod.ts";
import type { Link, LinkHandler } from "../transport/mod.ts";

/**
 * A plugin's stdin and stdout: first the handshake line is looked for, what comes before it is output, and so is what
 * follows, unless the session itself runs over them.
 */
export class StdoutLine {
  readonly #link: Link;
  readonly #scanner = new LineScanner();
  readonly #onOutput: (bytes: Uint8Array) => void;
  readonly #onEnd: () => void;
  readonly #line: PromiseWithResolvers<HandshakeLine> = Promise.withResolvers();
  #rest: Uint8Array = new Uint8Array(0);
  #ended = false;
  #closed: { readonly error: unknown } | undefined;
  #session: LinkHandler | undefined;
  #isPaused = false;

  constructor(link: Link, onOutput: (bytes: Uint8Array) => void, onEnd: () => void) {
    this.#link = link;
    this.#onOutput = onOutput;
    this.#onEnd = onEnd;
    this.#line.promise.catch(() => {});
    link.start({
      bytes: (chunk) => this.#onBytes(chunk),
      end: () => this.#onEnded(),
      drain: () => this.#session?.drain(),
      closed: (error) => this.#onClosed(error),
    });
  }

  /** The line; rejects with its fault, or when stdout ends without one. */
  get line(): Promise<HandshakeLine> {
    return this.#line.promise;
  }

  /** What was printed instead of a line, in words. */
  get printed(): string {
    return this.#scanner.printed;
  }

  /** The rest as a link, for a session over stdio. Called once, as soon as the line is known. */
  asLink(name: string): Link {
    const link = this.#link;
    // What follows is the session's: the plugin's output ends here.
    this.#onEnd();
    return {
      name,
      start: (handler) => queueMicrotask(() => this.#hand(handler)),
      // Asked each time: it changes with what was written.
      get hasTaken() {
        return link.hasTaken === true;
      },
      write: (bytes) => link.write(bytes),
      end: () => link.end(),
      destroy: (reason) => link.destroy(reason),
      pause: () => this.#pause(true),
      resume: () => this.#pause(false),
    };
  }

  #onBytes(chunk: Uint8Array): void {
    if (this.#session !== undefined) return this.#session.bytes(chunk);
    if (this.#scanner.done) return this.#onOutput(chunk);
    const { output, found, rest } = this.#scanner.push(chunk);
    for (const bytes of output) this.#onOutput(bytes);
    if (found !== undefined) this.#found(found, rest);
  }

  #found(found: LineFound, rest: Uint8Array): void {
    if (found.kind === "fault") return this.#line.reject(found.error);
    if (found.line.network === "stdio") {
      this.#rest = rest;
      this.#link.pause();
    } else if (rest.length > 0) {
      this.#onOutput(rest);
    }
    this.#line.resolve(found.line);
  }

  #hand(handler: LinkHandler): void {
    this.#session = handler;
    if (this.#rest.length > 0) handler.bytes(this.#rest);
    this.#rest = new Uint8Array(0);
    if (this.#ended) handler.end();
    if (this.#closed !== undefined) handler.closed(this.#closed.error);
    else if (!this.#isPaused) this.#link.resume();
  }

  #pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    // Before there is a session it waits for that too.
    if (isPaused) this.#link.pause();
    else if (this.#session !== undefined) this.#link.resume();
  }

  #onEnded(): void {
    this.#ended = true;
    if (this.#session !== undefined) {
      this.#session.end();
      return this.#onEnd();
    }
    if (!this.#scanner.done) {
      const { output, found } = this.#scanner.end();
      for (const bytes of output) this.#onOutput(bytes);
      if (found !== undefined) this.#found(found, new Uint8Array(0));
    }
    this.#line.reject(
      new PluginError(ErrorCode.badHandshake, "the plugin closed its stdout before its handshake line"),
    );
    this.#onEnd();
  }

  #onClosed(error: unknown): void {
    this.#closed = { error };
    if (!this.#ended) {
      // Broken off, which for a session is not an end.
      if (this.#session === undefined) return this.#onEnded();
      this.#onEnd();
    }
    this.#session?.closed(error);
  }
}
