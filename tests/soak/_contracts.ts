import * as v from "valibot";
import { bytes, type Contract, callback, contract, method, referenceTo, stream } from "../../mod.ts";

/** What one side has left, by its own count. */
export interface Left {
  readonly streams: number;
  readonly waiting: number;
  readonly dispensed: number;
  readonly exports: number;
  readonly imports: number;
  /** Deadlines that are set. */
  readonly deadlines: number;
  /** Listeners on signals that live as long as the program. */
  readonly listeners: number;
  /** Timers that keep the program alive, where the runtime tells. */
  readonly timers: number;
  /** Bytes on the heap, after collection. */
  readonly heapBytes: number;
}

export type ThrowKind = "error" | "text" | "cause" | "hostile" | "value";

/** Made of types alone. What is called `kept` outlives its call. */
export interface Soak {
  echo(value: unknown): unknown;
  each(count: number, visit: (n: number) => number): number;
  keep(kept: (n: number) => number): void;
  callKept(n: number): number;
  forget(): void;
  forgetAll(): void;
  readBytes(file: AsyncIterable<Uint8Array>, atMost: number): number;
  readValues(items: AsyncIterable<unknown>, atMost: number): number;
  ignores(items: AsyncIterable<unknown>): string;
  giveBytes(total: number): ReadableStream<Uint8Array>;
  giveValues(count: number, failsAt: number): AsyncIterable<number>;
  map(items: AsyncIterable<number>, change: (n: number) => number): AsyncIterable<number>;
  write(into: WritableStream<unknown>, count: number): void;
  sink(fails: boolean): WritableStream<unknown>;
  untilCancelled(): unknown;
  untilAborted(signal: AbortSignal): unknown;
  peek(signal: AbortSignal): boolean;
  throws(kind: ThrowKind): unknown;
  open(): { next(): number };
  nested(n: number): number;
  left(): Left;
}
export const soak: Contract<Soak> = contract<Soak>("soak");

export const counter = contract("counter", {
  next: method([], v.number()),
  twin: method(
    [],
    referenceTo((): Contract<{ next(): number }> => counterOfTypes),
  ),
});
const counterOfTypes = contract<{ next(): number }>("counter of types", { next: method([], v.number()) });

/** With schemas of each shape. */
export const shaped = contract("shaped", {
  each: method([v.number(), callback([v.number()], v.number())], v.number()),
  doubled: method([stream(v.number())], stream(v.number())),
  through: method([bytes()], bytes()),
  counter: method([v.number()], referenceTo(counter)),
});

/** What the host serves. */
export const desk = contract("desk", { twice: method([v.number()], v.number()) });
