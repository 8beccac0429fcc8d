import type { Key } from "./_path.ts";
import type { Writer } from "./_writer.ts";

/** What a rare type needs of the encoder to write itself. */
export interface Encoding {
  readonly out: Writer;
  /** Whether the stacks of errors cross. */
  readonly stacks: boolean;
  /** Writes one value, whatever it is. */
  value(value: unknown): void;
  /**
   * Begins an array or map of so many values to come.
   *
   * @returns The depth it is at, for {@linkcode step} and {@linkcode leave}.
   */
  enter(values: number): number;
  /** Says which part of it is written next. */
  step(depth: number, key: Key): void;
  leave(depth: number): void;
  /** Gives up. @param what Completes "it is …". */
  refuse(what: string): never;
}
