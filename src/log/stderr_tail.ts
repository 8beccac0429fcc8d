import { visible } from "./_visible.ts";
import { formatFields } from "./console_format.ts";
import { parseHclog } from "./hclog.ts";

/** Characters kept. */
const maxCharacters = 4_096;
/** Lines kept. */
const maxLines = 40;

/**
 * The end of what a plugin wrote to its stderr, for error messages: the last 40 lines, of at most 4,096 characters
 * together.
 */
export class StderrTail {
  #lines: string[] = [];
  #characters = 0;
  #cut = false;

  /** Adds a line, without its end. */
  push(line: string): void {
    const kept = line.length > maxCharacters ? line.slice(-maxCharacters) : line;
    this.#cut ||= kept.length < line.length;
    this.#lines.push(kept);
    this.#characters += kept.length + 1;
    while (this.#lines.length > maxLines || (this.#characters > maxCharacters && this.#lines.length > 1)) {
      this.#characters -= this.#lines.shift()!.length + 1;
      this.#cut = true;
    }
  }

  /**
   * The lines, safe for a terminal, those of hclog in readable form, without blank ones at the end. An ellipsis before
   * them says that there were more.
   */
  get text(): string {
    const text = this.#lines.map(readable).join("\n").trimEnd();
    return this.#cut && text !== "" ? `…\n${text}` : text;
  }
}

function readable(line: string): string {
  const record = parseHclog(line);
  if (record === undefined) return visible(line);
  return `${record.level.toUpperCase()} ${visible(record.message)} ${formatFields(record.fields)}`.trimEnd();
}
