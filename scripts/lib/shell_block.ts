/** Gives the first fenced `sh` block of a Markdown text; `undefined` when there is none. */
export function findShellBlock(markdown: string): string | undefined {
  return /^```(?:sh|bash|shell)\n([\s\S]*?)\n```$/m.exec(markdown)?.[1];
}
