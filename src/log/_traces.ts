import { withoutColours } from "./_visible.ts";

/** Lines of a message that may stand before the first frame. A plain line that only looks like a start taints no more. */
const messageLines = 10;
/** Past this length no line is looked at: none that a runtime writes is. */
const maxLength = 4_096;

type Kind = "script" | "python" | "go" | "rust";

interface Start {
  readonly pattern: RegExp;
  readonly kind: Kind;
  /** Lines of any content that belong to it. */
  readonly lines: number;
}

const starts: readonly Start[] = [
  // Deno; also what an uncaught error of Bun begins with when it has no source to show.
  { pattern: /^error: Uncaught /, kind: "script", lines: messageLines },
  { pattern: /^error(?:: |$)/, kind: "script", lines: 0 },
  // Node names the place first, then shows the line of source and a caret.
  { pattern: /^(?:file:\/\/|node:|\/|[A-Za-z]:\\)\S.*:\d+$/, kind: "script", lines: 2 },
  // Bun shows lines of source with their numbers first.
  { pattern: /^\s{0,6}\d{1,7} \| /, kind: "script", lines: 0 },
  // An error as the console prints it.
  {
    pattern: /^(?:Uncaught )?(?:[\w$.]{0,100}(?:Error|Exception)|UnhandledPromiseRejection)\b(?: \[\w+\])?(?::|$)/,
    kind: "script",
    lines: 0,
  },
  { pattern: /^\[UnhandledPromiseRejection: /, kind: "script", lines: 0 },
  { pattern: /^Traceback \(most recent call last\):/, kind: "python", lines: 0 },
  { pattern: /^(?:During handling of the above |The above exception was )/, kind: "python", lines: 0 },
  { pattern: /^(?:panic|fatal error): /, kind: "go", lines: messageLines },
  { pattern: /^thread '.*' (?:\(\d+\) )?panicked at /, kind: "rust", lines: 1 },
];
/** All of them in one: a quick no for nearly every line. */
const anyStart = new RegExp(starts.map(({ pattern }) => pattern.source).join("|"));

const thrownPrefix = "error: ";
/** The line under a line of source. */
const caret = /^\s*[\^~]+\s*$/;
const frame = /^(?:\s+at |\s+File "|goroutine \d+ |\t)/;
const indented = /^\s+\S/;
/** What stands at the margin in the midst of a trace. */
const within: Readonly<Record<Kind, RegExp>> = {
  script: /^(?:[{}\])]|Caused by: |Stack backtrace:|\(Use `)/,
  python: /^Traceback /,
  go: /^(?:goroutine \d+ |\[signal |created by |exit status |runtime: |[\w./%*·[\]{}-]+\(.*\)$)/,
  rust: /^(?:note: |stack backtrace:)/,
};
/** The line that ends a report of Node or Bun. */
const farewell = /^(?:Node\.js|Bun) v\d/;
/** Python puts the error after its frames: its last line. */
const pythonError = /^[A-Za-z_][\w.]*(?::|$)/;

/**
 * Follows the lines of a plugin's stderr and tells which belong to the report of an uncaught error: of Node, Deno
 * and Bun, of Go, Python and Rust. Told line by line, without waiting for the next.
 */
export class Traces {
  #kind: Kind | undefined;
  /** Lines of any content that still belong to it. */
  #left = 0;
  /** Bun writes a thrown string twice: after `error: `, and by itself. */
  #thrown: string | undefined;

  /** Takes the next plain line: true when it is part of such a report. */
  take(raw: string): boolean {
    if (raw.length > maxLength) return this.#kind !== undefined;
    const line = withoutColours(raw);
    const kind = this.#kind;
    if (kind !== undefined && this.#goesOn(line, kind)) return true;
    const start = anyStart.test(line) ? starts.find(({ pattern }) => pattern.test(line)) : undefined;
    this.#kind = start?.kind;
    this.#left = start?.lines ?? 0;
    this.#thrown = line.startsWith(thrownPrefix) ? line.slice(thrownPrefix.length) : undefined;
    return start !== undefined;
  }

  /** A line of another kind came between: whatever was under way is over. */
  reset(): void {
    this.#kind = undefined;
  }

  #goesOn(line: string, kind: Kind): boolean {
    if (farewell.test(line)) {
      this.#kind = undefined;
      return true;
    }
    if (line === "" || line === this.#thrown) return true;
    if (caret.test(line)) {
      this.#left = messageLines;
      return true;
    }
    if (frame.test(line)) {
      this.#left = 0;
      return true;
    }
    if (indented.test(line) || within[kind].test(line)) return true;
    if (kind === "python" && pythonError.test(line)) {
      this.#kind = undefined;
      return true;
    }
    return this.#left-- > 0;
  }
}
