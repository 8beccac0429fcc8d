import { readableText, sequenceLength } from "./_readable_text.ts";
import { Traces } from "./_traces.ts";
import { whenRejected } from "./_when_rejected.ts";
import { parseHclog } from "./hclog.ts";
import { parseLevel } from "./levels.ts";
import type { LogLevel, LogRecord, LogSink } from "./record.ts";
import type { StderrTail } from "./stderr_tail.ts";

/** Options of {@linkcode StderrLines}. */
export interface StderrLinesOptions {
  /** Name of the plugin. */
  readonly source: string;
  /** Takes the records. What it throws is ignored. */
  readonly sink: LogSink;
  /** Keeps the end of it for error messages. */
  readonly tail?: StderrTail;
  /** Longest line that stays whole, in bytes, at least 16. Default 65,536. */
  readonly maxLineBytes?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

const newline = 10;
const carriageReturn = 13;
const smallestLineBytes = 16;
const firstHeldBytes = 1_024;
/**
 * Bytes seen past the longest line before it is cut: a character that begins within it is whole then, and what
 * follows is not just a carriage return.
 */
const lookAheadBytes = 4;

/** Level prefixes of the Go log package's filters, which go-plugin reads too. */
const prefix = /^\[(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|ERR|FATAL)\] ?/;
/** Level of a line of hclog that is too long to be read as one. */
const longHclogLevel = /^\{.{0,200}?"@level":"(\w{1,8})"/;
/** A warning that a runtime writes by itself: `(node:71) ExperimentalWarning: …`. */
const runtimeWarning = /^\((?:node|deno|bun):\d+\) /;

const none: LogRecord["fields"] = Object.freeze({});

/**
 * Makes log records of the raw bytes of a plugin's stderr, one per line, in linear time and bounded memory.
 *
 * - A line of hclog's JSON becomes its record, see {@linkcode parseHclog}.
 * - `[WARN] text` and the like give the level and `text`.
 * - The report of an uncaught error (Node, Deno, Bun, Go, Python, Rust) is level `error`, from its first line to its
 *   last; a runtime's own warning is `warn`.
 * - Any other line is `info`, where go-plugin says `debug`: what a plugin prints by `console.error` shows by default.
 *
 * Nothing is lost. A line longer than `maxLineBytes` comes in pieces, each a record of the same level with the fields
 * `part` (1, 2, …) and `continues` (`false` in the last). A byte that is no valid UTF-8 is written `\xff`. A carriage
 * return before a newline belongs to the line's end.
 *
 * @example
 * ```ts
 * import { StderrLines } from "./stderr_lines.ts";
 * const lines = new StderrLines({ source: "backup", sink: (record) => console.log(record.level, record.message) });
 * lines.push(new TextEncoder().encode("[WARN] disk is nearly full\nwriting")); // warn disk is nearly full
 * lines.end(); // info writing
 * ```
 */
export class StderrLines {
  readonly #source: string;
  readonly #sink: LogSink;
  readonly #tail: StderrTail | undefined;
  readonly #maxLineBytes: number;
  readonly #now: () => number;
  readonly #traces = new Traces();
  /** The line that has not ended yet, or what is left of it. */
  #held: Uint8Array = new Uint8Array(firstHeldBytes);
  #heldBytes = 0;
  /** Pieces of the line at hand that were given already, and their level. */
  #parts = 0;
  #partLevel: LogLevel = "info";

  /** @throws RangeError when `maxLineBytes` is below 16. */
  constructor(options: StderrLinesOptions) {
    const { maxLineBytes = 65_536, now = Date.now } = options;
    if (!(maxLineBytes >= smallestLineBytes)) {
      throw new RangeError(`maxLineBytes must be at least ${smallestLineBytes}, and is ${maxLineBytes}`);
    }
    this.#source = options.source;
    this.#sink = options.sink;
    this.#tail = options.tail;
    this.#maxLineBytes = maxLineBytes;
    this.#now = now;
  }

  /** Bytes at the end of what it took of which there is no record yet: the beginning of a line. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes the next bytes; they are not kept. */
  push(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const at = bytes.indexOf(newline, from);
      const to = at < 0 ? bytes.length : at;
      // Most lines come whole: no copy.
      if (at >= 0 && this.#heldBytes === 0 && to - from <= this.#maxLineBytes) {
        this.#endLine(bytes.subarray(from, withoutReturn(bytes, from, to)));
      } else {
        this.#hold(bytes, from, to);
        if (at >= 0) this.#endHeld(true);
      }
      from = to + 1;
    }
  }

  /** Takes a line that has no end, after the last bytes, or before such as do not follow on them. */
  end(): void {
    if (this.#heldBytes > 0 || this.#parts > 0) this.#endHeld(false);
  }

  #hold(bytes: Uint8Array, from: number, to: number): void {
    let next = from;
    while (next < to) {
      const count = Math.min(to - next, this.#maxLineBytes + lookAheadBytes - this.#heldBytes);
      this.#reserve(this.#heldBytes + count);
      this.#held.set(bytes.subarray(next, next + count), this.#heldBytes);
      this.#heldBytes += count;
      next += count;
      this.#givePieces(this.#maxLineBytes + lookAheadBytes - 1);
    }
  }

  #endHeld(hasNewline: boolean): void {
    if (hasNewline) this.#heldBytes = withoutReturn(this.#held, 0, this.#heldBytes);
    this.#givePieces(this.#maxLineBytes);
    const rest = this.#held.subarray(0, this.#heldBytes);
    this.#heldBytes = 0;
    this.#endLine(rest);
  }

  /** Gives pieces while more than `limit` bytes are held. */
  #givePieces(limit: number): void {
    while (this.#heldBytes > limit) {
      const cut = boundary(this.#held.subarray(0, this.#heldBytes), this.#maxLineBytes);
      this.#piece(readableText(this.#held.subarray(0, cut)), true);
      this.#held.copyWithin(0, cut, this.#heldBytes);
      this.#heldBytes -= cut;
    }
  }

  #endLine(bytes: Uint8Array): void {
    const text = readableText(bytes);
    if (this.#parts === 0) return this.#line(text);
    this.#piece(text, false);
    this.#parts = 0;
  }

  #piece(text: string, continues: boolean): void {
    const first = this.#parts++ === 0;
    const { level, message } = first ? this.#classify(text) : { level: this.#partLevel, message: text };
    this.#partLevel = level;
    this.#tail?.push(text);
    this.#emit(level, message, { part: this.#parts, continues });
  }

  #line(text: string): void {
    const record = parseHclog(text, { source: this.#source, now: this.#now });
    this.#tail?.push(text);
    if (record === undefined) {
      const { level, message } = this.#classify(text);
      return this.#emit(level, message, none);
    }
    this.#traces.reset();
    this.#give(record);
  }

  #classify(text: string): { readonly level: LogLevel; readonly message: string } {
    const said = text.startsWith("[") ? prefix.exec(text) : text.startsWith("{") ? longHclogLevel.exec(text) : null;
    const level = parseLevel(said?.[1]);
    if (said !== null && level !== undefined) {
      this.#traces.reset();
      return { level, message: text.startsWith("[") ? text.slice(said[0].length) : text };
    }
    if (this.#traces.take(text)) return { level: "error", message: text };
    return { level: runtimeWarning.test(text) ? "warn" : "info", message: text };
  }

  #emit(level: LogLevel, message: string, fields: LogRecord["fields"]): void {
    this.#give({ time: this.#now(), level, source: this.#source, message, fields });
  }

  #give(record: LogRecord): void {
    try {
      whenRejected(this.#sink(record), () => {});
    } catch {
      // A log never breaks what it reports on; reading on keeps the plugin from blocking.
    }
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#held.length) return;
    const larger = new Uint8Array(
      Math.min(this.#maxLineBytes + lookAheadBytes, Math.max(bytes, this.#held.length * 2)),
    );
    larger.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = larger;
  }
}

function withoutReturn(bytes: Uint8Array, from: number, to: number): number {
  return to > from && bytes[to - 1] === carriageReturn ? to - 1 : to;
}

/** The last offset of at most `limit` that does not part a character. */
function boundary(bytes: Uint8Array, limit: number): number {
  for (let start = limit - 1; start >= limit - 3; start--) {
    const length = sequenceLength(bytes, start);
    if (length > 0) return start + length > limit ? start : limit;
  }
  return limit;
}
