import { serve } from "@plugwire/plugwire";
import { notesV1, notesV2 } from "./contracts.ts";

class Notes {
  readonly #notes: { text: string; tags: readonly string[] }[] = [];

  add(text: string, tags: readonly string[]): number {
    return this.#notes.push({ text, tags });
  }
  list(): string[] {
    return this.#notes.map(({ text }) => text);
  }
  tagged(tag: string): string[] {
    return this.#notes.filter(({ tags }) => tags.includes(tag)).map(({ text }) => text);
  }
}

const second = notesV2.implement(new Notes());
// `list` is what it was: only what has changed is written. TypeScript says what that is.
const first = notesV1.adapt(second, (notes) => ({
  add(text) {
    notes.add(text, []);
  },
}));

await serve({ versions: { 1: [first], 2: [second] } });
