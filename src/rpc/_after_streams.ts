import { ExportedStream } from "./_exported_stream.ts";
import type { SentReferences } from "./references.ts";

/**
 * Calls back once all streams that a reply gives are over, at once when it gives none: what was lent to the call is lent for as
 * long, since a generator or a pipe that it gave uses it only as it is read.
 */
export function afterStreams(sent: SentReferences | undefined, callback: () => void): void {
  let left = 1;
  const one = (): void => {
    left--;
    if (left === 0) callback();
  };
  for (const { content } of sent?.exports ?? []) {
    if (!(content instanceof ExportedStream)) continue;
    left++;
    content.whenOver(one);
  }
  one();
}
