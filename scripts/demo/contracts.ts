import * as v from "valibot";
import { type Contract, contract, method } from "../../mod.ts";

/** What the host lets its plugins do. */
export interface Library {
  read(title: string): string;
}
/** See {@linkcode Library}. */
export const library: Contract<Library> = contract<Library>("library", {
  read: method([v.string()], v.string(), { idempotent: true }),
});

/** What each plugin does. */
export interface Desk {
  /** The runtime that the plugin runs on, with its version. */
  about(): string;
  /** Counts the words of a text that only the host can read. */
  countWords(title: string): number;
  /** Thinks until it is stopped. */
  ponder(): void;
  /** Gives back what it gets. */
  echo(text: string): string;
}
/** See {@linkcode Desk}. */
export const desk: Contract<Desk> = contract<Desk>("desk", {
  about: method([], v.string()),
  countWords: method([v.string()], v.number()),
  ponder: method(),
  echo: method([v.string()], v.string()),
});
