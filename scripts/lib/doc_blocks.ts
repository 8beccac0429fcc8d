/** A fenced block of code in a Markdown text. */
export interface DocBlock {
  /** `ts`, `sh`, `text` and so on; empty without one. */
  readonly language: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly text: string;
  /** What it prints, by the `text` block that comes next in the same section; `undefined` without one. */
  readonly output: string | undefined;
}

const fence = /^(`{3,})\s*(\S*)/;

/**
 * Finds the fenced blocks of a Markdown text.
 *
 * @throws Error for a fence that does not end.
 */
export function findDocBlocks(markdown: string): DocBlock[] {
  const found: { language: string; line: number; text: string; section: number }[] = [];
  let open: { language: string; line: number; end: string; lines: string[] } | undefined;
  let section = 0;
  for (const [index, line] of markdown.split("\n").entries()) {
    if (open !== undefined) {
      if (line.trimEnd() === open.end) {
        found.push({ language: open.language, line: open.line, text: `${open.lines.join("\n")}\n`, section });
        open = undefined;
      } else open.lines.push(line);
      continue;
    }
    const [, end, language] = fence.exec(line) ?? [];
    if (end !== undefined) open = { language: language ?? "", line: index + 1, end, lines: [] };
    else if (line.startsWith("#")) section++;
  }
  if (open !== undefined) throw new Error(`the block that begins in line ${open.line} does not end`);
  return found.map(({ section: own, ...block }, index) => {
    const next = found[index + 1];
    const output = next?.language === "text" && next.section === own ? next.text : undefined;
    return { ...block, output };
  });
}

/** The file that a block of code stands for: its first line says so, as in `// host.ts`. */
export function docFileName({ text }: Pick<DocBlock, "text">): string | undefined {
  return /^\/\/ ([\w./-]+\.ts)$/m.exec(text.split("\n", 1)[0] ?? "")?.[1];
}
