import { ErrorCode, PluginError } from "../errors/mod.ts";
import * as faults from "./_line_faults.ts";
import { countOf, quote } from "./_quote.ts";
import { type HandshakeLine, maxLineBytes, type ParseLineOptions, parseLine } from "./line.ts";

/** What ended the search for the line. */
export type LineFound =
  | { readonly kind: "line"; readonly line: HandshakeLine }
  | { readonly kind: "fault"; readonly error: PluginError };

/** What came of some bytes of stdout. */
export interface Scan {
  /** The plugin's own output, in order: views of the bytes pushed, or copies. Never holds an empty one. */
  readonly output: readonly Uint8Array[];
  /** The handshake line, when it ended in these bytes. */
  readonly found?: LineFound;
  /** What follows the line: with `stdio` the first bytes of the session, else output. A view of the bytes pushed. */
  readonly rest: Uint8Array;
}

const newline = 10;
const nothing = new Uint8Array(0);
const maxHead = 256;

/**
 * Finds the handshake line in a plugin's stdout. What comes before it is output and is given back byte for byte, at
 * once where it cannot become the line: never more than {@linkcode maxLineBytes} are held back. One empty line
 * directly before the handshake line belongs to it, since a plugin begins its line on a fresh one. PROTOCOL.md §2.4.
 *
 * @example
 * ```ts
 * import { LineScanner } from "./line_scanner.ts";
 * const scan = new LineScanner().push(new TextEncoder().encode("hello\n1|1|stdio|-|plugwire|\nrest"));
 * console.log(scan.found?.kind, scan.output.length, scan.rest.length); // "line" 1 4
 * ```
 */
export class LineScanner {
  readonly #options: ParseLineOptions;
  #state: "line" | "skip" | "done" = "line";
  #held = nothing;
  #heldBytes = 0;
  #emptyLine: Uint8Array | undefined;
  #outputBytes = 0;
  #head: Uint8Array = nothing;
  #suspicion: PluginError | undefined;

  /** @param options What the host speaks. */
  constructor(options: ParseLineOptions = {}) {
    this.#options = options;
  }

  /** True once the line was found, was found faulty, or stdout has ended. */
  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * Takes bytes of stdout. After the line was found, all of them are `rest`. Never throws.
   *
   * @param chunk The bytes, of any length.
   */
  push(chunk: Uint8Array): Scan {
    const output: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length && this.#state !== "done") {
      const end = chunk.indexOf(newline, at);
      const stop = end < 0 ? chunk.length : end + 1;
      if (this.#state === "skip") {
        this.#give(output, chunk.subarray(at, stop));
        if (end >= 0) this.#state = "line";
        at = stop;
        continue;
      }
      if (this.#heldBytes === 0 && !mayBeginLine(chunk[at]!)) {
        this.#giveHeld(output);
        this.#state = "skip";
        continue;
      }
      const taken = Math.min(stop - at, maxLineBytes + 1 - this.#heldBytes);
      this.#hold(chunk.subarray(at, at + taken));
      at += taken;
      const found = this.#judge(output, false);
      if (found !== undefined) return { output, found, rest: chunk.subarray(at) };
    }
    return { output, rest: chunk.subarray(at) };
  }

  /** Takes the end of stdout: a last line counts without its newline, and what was held back is given. */
  end(): Scan {
    const output: Uint8Array[] = [];
    const found = this.#state === "line" && this.#heldBytes > 0 ? this.#judge(output, true) : undefined;
    this.#giveHeld(output);
    this.#state = "done";
    return { output, rest: nothing, ...(found && { found }) };
  }

  /** What the plugin printed instead of a line, in words: `it printed nothing to stdout`. */
  get printed(): string {
    const met =
      this.#outputBytes === 0
        ? "it printed nothing to stdout"
        : `it printed ${countOf(this.#outputBytes, "byte")} to stdout, beginning with ${quote(new TextDecoder().decode(this.#head))}`;
    return this.#suspicion ? `${met}; one line came close: ${this.#suspicion.message}` : met;
  }

  /**
   * The error for a plugin that gave no line, by the end of its stdout or in time: what it printed instead, and the
   * line that came closest, if one did.
   *
   * @returns A PluginError of code `bad_handshake`.
   */
  noLine(): PluginError {
    return new PluginError(
      ErrorCode.badHandshake,
      `the plugin gave no handshake line: ${this.printed}; a plugin is a program that calls serve()`,
      { execution: "none", cause: this.#suspicion },
    );
  }

  #judge(output: Uint8Array[], ended: boolean): LineFound | undefined {
    const bytes = this.#held.subarray(0, this.#heldBytes);
    const complete = ended || bytes.at(-1) === newline;
    const tooLong = !complete && bytes.length > maxLineBytes;
    if (!canBecomeLine(bytes)) {
      if (complete && isEmptyLine(bytes)) return this.#holdEmptyLine(output);
      this.#giveHeld(output);
      if (!complete) this.#state = "skip";
      return undefined;
    }
    if (!complete && !tooLong) return undefined;
    const text = new TextDecoder().decode(bytes);
    const reading = parseLine(text, this.#options);
    if (reading.kind === "output") {
      if (reading.suspicion !== undefined) this.#suspicion = reading.suspicion;
      this.#giveHeld(output);
      if (!complete) this.#state = "skip";
      return undefined;
    }
    this.#state = "done";
    this.#heldBytes = 0;
    this.#emptyLine = undefined;
    return tooLong ? { kind: "fault", error: faults.tooLong(text, maxLineBytes) } : reading;
  }

  #hold(bytes: Uint8Array): void {
    const wanted = this.#heldBytes + bytes.length;
    if (wanted > this.#held.length) {
      const grown = new Uint8Array(Math.min(maxLineBytes + 1, Math.max(256, wanted * 2)));
      grown.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = grown;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = wanted;
  }

  #holdEmptyLine(output: Uint8Array[]): undefined {
    const line = this.#held.slice(0, this.#heldBytes);
    this.#heldBytes = 0;
    this.#giveHeld(output);
    this.#emptyLine = line;
  }

  #giveHeld(output: Uint8Array[]): void {
    if (this.#emptyLine !== undefined) this.#give(output, this.#emptyLine);
    this.#emptyLine = undefined;
    if (this.#heldBytes > 0) this.#give(output, this.#held.slice(0, this.#heldBytes));
    this.#heldBytes = 0;
  }

  #give(output: Uint8Array[], bytes: Uint8Array): void {
    this.#outputBytes += bytes.length;
    if (this.#head.length < maxHead) {
      const head = new Uint8Array(Math.min(maxHead, this.#head.length + bytes.length));
      head.set(this.#head);
      head.set(bytes.subarray(0, head.length - this.#head.length), this.#head.length);
      this.#head = head;
    }
    output.push(bytes);
  }
}

/** The same for its first byte alone, so that ordinary output is never copied. */
function mayBeginLine(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || byte === 32 || byte === 9 || byte === 13 || byte === newline;
}

/** False once the beginning of a line, whatever follows, is no `<digits>|`. */
function canBecomeLine(bytes: Uint8Array): boolean {
  let at = 0;
  while (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13) at++;
  const digits = at;
  while (bytes[at] !== undefined && bytes[at]! >= 48 && bytes[at]! <= 57) at++;
  if (at - digits > 10) return false;
  return at === bytes.length || (at > digits && bytes[at] === 124);
}

function isEmptyLine(bytes: Uint8Array): boolean {
  return bytes.at(-1) === newline && (bytes.length === 1 || (bytes.length === 2 && bytes[0] === 13));
}
