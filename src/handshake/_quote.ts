import { escapeUnits } from "../log/mod.ts";

const maxShown = 200;

/** Shows foreign text in an error message: on one line, cut at 200 characters, with nothing in it that a terminal would act on. */
export function quote(text: string): string {
  const shown = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
  return escapeUnits(JSON.stringify(shown));
}

/** Counts in words of an error message: `1,204 bytes`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
