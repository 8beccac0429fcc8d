import { type Contract, contract } from "../../mod.ts";

/** What is tried of a plugin that has come up in spite of its fault. */
export interface Target {
  echo(value: unknown): unknown;
  each(count: number, visit: (n: number) => number): number;
  numbers(count: number): AsyncIterable<number>;
}
export const target: Contract<Target> = contract<Target>("target");
