import { visible } from "../log/mod.ts";

/** Text of several lines, made safe for a terminal: what a plugin says must not drive it. */
export function visibleLines(text: string): string {
  return text
    .split("\n")
    .map((line) => visible(line))
    .join("\n");
}
