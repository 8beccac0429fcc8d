import type { ParseLineOptions } from "../../src/handshake/mod.ts";
import { LineScanner } from "../../src/handshake/mod.ts";
import { joined } from "../support/joined.ts";

/** What a scanner made of bytes, whatever the pieces. */
export interface Scanned {
  readonly output: Uint8Array;
  readonly rest: Uint8Array;
  readonly found: unknown;
  readonly suspicion: string;
}

export function scan(pieces: Iterable<Uint8Array>, options?: ParseLineOptions): Scanned {
  const scanner = new LineScanner(options);
  const output: Uint8Array[] = [];
  const rest: Uint8Array[] = [];
  let found: unknown;
  const take = (result: ReturnType<LineScanner["push"]>): void => {
    // Joined only at the end, so that a view of what the scanner changes later would show.
    output.push(...result.output);
    rest.push(result.rest);
    if (result.found?.kind === "line") found = result.found.line;
    if (result.found?.kind === "fault") found = { code: result.found.error.code, message: result.found.error.message };
  };
  for (const piece of pieces) take(scanner.push(piece));
  take(scanner.end());
  return { output: joined(output), rest: joined(rest), found, suspicion: scanner.noLine().message };
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function* singleBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.slice(at, at + 1);
}

export function* randomPieces(bytes: Uint8Array, random: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = random() < 0.1 ? 0 : 1 + Math.floor(random() * 40);
    yield bytes.slice(at, at + length);
    at += length;
  }
}
