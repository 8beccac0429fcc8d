import { readFileSync } from "node:fs";

/** Bytes of a vector: hex, or pieces of hex, some of them repeated. */
export type Hex = string | readonly (string | readonly [hex: string, times: number])[];

/** One step of a recorded session. */
export type Step =
  | { readonly by: "host" | "plugin"; readonly does: string }
  | { readonly from: "host" | "plugin"; readonly what: string; readonly hex: Hex }
  | { readonly from: "host" | "plugin"; readonly end: true };

/** A recorded session. */
export interface RecordedSession {
  readonly name: string;
  readonly secret: string | null;
  readonly steps: readonly Step[];
  /** What each program got of its calls. */
  readonly outcomes: Readonly<Record<"host" | "plugin", readonly string[]>>;
}

/** Reads a file of `tests/vectors/`. */
export function readVectors<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8")) as T;
}

/** The bytes of a vector. */
export function bytesOf(hex: Hex): Uint8Array {
  const digits =
    typeof hex === "string"
      ? hex
      : hex.map((piece) => (typeof piece === "string" ? piece : piece[0].repeat(piece[1]))).join("");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** Bytes as hex digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The value that a vector describes as a JavaScript expression. */
export function evaluate(expression: string): unknown {
  return new Function(`return (${expression});`)();
}
