import { visible } from "../log/mod.ts";

/** Which way something went, as seen from this side. */
export type TraceDirection = "out" | "in";

/**
 * One frame that passed, or the end of a direction. It tells what kind of thing it was and which method it is about, and
 * holds nothing of what the program sent: no arguments, results, messages of errors, or secrets.
 */
export interface TraceEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Whom the session is with: the plugin's name, or `the host`. */
  readonly peer: string;
  /** `out` is what this side sent. */
  readonly direction: TraceDirection;
  /**
   * `DATA`, `BYTES`, `CREDIT`, `RESET`, `PING`, `GOAWAY`, `CONTROL`, `HELLO`, `AUTH`; `PREFACE` for the first bytes; `END` when a
   * direction ends, `CLOSED` when the link is closed.
   */
  readonly type: string;
  /** Names of the flags that are set, such as `OPEN`. */
  readonly flags: readonly string[];
  /** Number of the stream; 0 is the session itself. */
  readonly stream: number;
  /** Bytes of the payload. */
  readonly length: number;
  /**
   * What it says: `call`, `reply`, `item`, `part` (of a message that began in an earlier frame), `dispense`, `drop`, `release`,
   * `abort`. `undefined` where the type says it all, or it cannot be told.
   */
  readonly what?: string;
  /** The contract it is about, or what stands for one: `reference 3`. */
  readonly contract?: string;
  /** The method it is about; empty when a function is called or a stream read. */
  readonly method?: string;
  /** Of a reply: `returned`, `threw`, `failed`. */
  readonly status?: string;
  /** Code of what failed: of a reply, RESET or GOAWAY. */
  readonly code?: string;
  /** Bytes that CREDIT adds; the whole length of a message that comes in parts. */
  readonly bytes?: number;
}

/**
 * One line for people.
 *
 * @example
 * ```ts
 * import type { TraceEvent } from "@plugwire/plugwire";
 * const show = (event: TraceEvent): void => console.error(event.direction, event.type, event.contract, event.method);
 * ```
 */
export function traceText(event: TraceEvent): string {
  const { direction, type, flags, stream, length, what, status, code, bytes } = event;
  const words = [direction === "out" ? "→" : "←", type];
  if (stream !== 0) words.push(`#${stream}`);
  words.push(...flags);
  if (length > 0) words.push(`${length} B`);
  const said = what === "reply" ? (status ?? what) : what;
  if (said !== undefined) words.push(said);
  const subject = subjectOf(event);
  if (subject !== "") words.push(subject);
  if (code !== undefined) words.push(code);
  if (bytes !== undefined) words.push(type === "CREDIT" ? `+${bytes}` : `of ${bytes} B`);
  return visible(words.join(" "));
}

function subjectOf({ contract, method }: TraceEvent): string {
  if (contract === undefined) return method ?? "";
  return method === undefined || method === "" ? contract : `${contract}.${method}`;
}
