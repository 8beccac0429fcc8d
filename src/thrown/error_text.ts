import { visible } from "../log/mod.ts";

/** A text crosses up to this length, in UTF-16 units. */
const maxTextLength = 16_384;
/** Of a stack of the other side so much is shown. */
const maxFrames = 50;
const maxFrameLength = 512;

/** A text that surely can be sent, and is not too long. */
export function cut(value: unknown, maxLength: number = maxTextLength): string {
  const string = typeof value === "string" ? value : String(value);
  return (string.length > maxLength ? `${string.slice(0, maxLength)} …` : string).toWellFormed();
}

/**
 * Gives an error of the other side the stack that people see: its name and message, the frames that came with it, and where
 * it comes from. It is for terminals and logs, so that all that could harm one is written out there; `message` stays as it was.
 *
 * @param frames The stack that came with it; of it only the lines of frames are taken. @param where What answered; left out for
 * causes. @param notes What did not arrive.
 */
export function presentStack(error: Error, frames: string, where?: string, notes: readonly string[] = []): void {
  const lines = [headOf(error)];
  let left = maxFrames;
  for (const line of frames.split("\n")) {
    if (!/^\s+at /.test(line)) continue;
    if (left-- === 0) {
      lines.push("    …");
      break;
    }
    lines.push(`    ${visible(cut(line.trim(), maxFrameLength))}`);
  }
  for (const note of notes) lines.push(`    (not sent: ${visible(note)})`);
  if (where !== undefined) lines.push(`    at ${visible(where)}`);
  setStack(error, lines.join("\n"));
}

/** The first lines of an error's stack. */
export function headOf(error: Error): string {
  const { name, message } = error as { readonly name: unknown; readonly message: unknown };
  const text = typeof message === "string" && message !== "" ? `${String(name)}: ${message}` : String(name);
  return text.split("\n").map(visible).join("\n");
}

/** Sets it as the runtimes do: not enumerable. */
export function setStack(error: Error, stack: string): void {
  Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true, enumerable: false });
}
