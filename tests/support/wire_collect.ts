import { PluginError } from "../../src/errors/mod.ts";
import { Flag, FrameDecoder, FrameType } from "../../src/wire/mod.ts";

/** A frame as decoded. */
export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: string;
}

/** What became of bytes: the frames, and the code of the error that ended them. */
export interface Outcome {
  readonly frames: SeenFrame[];
  readonly error: string | undefined;
}

/** Decodes, and joins the pieces of one BYTES frame as far as they can be told apart from the next. */
export function decodeAll(chunks: Iterable<Uint8Array>, maxFrameBytes = 65_536): Outcome {
  const frames: SeenFrame[] = [];
  const decoder = new FrameDecoder(maxFrameBytes, {
    frame(type, flags, streamId, payload) {
      const hex = toHex(payload);
      const last = frames.at(-1);
      const joins =
        type === FrameType.bytes &&
        last?.type === type &&
        last.streamId === streamId &&
        (last.flags & Flag.end) === 0 &&
        (flags & Flag.open) === 0;
      if (joins) frames[frames.length - 1] = { ...last, flags: last.flags | flags, payload: last.payload + hex };
      else frames.push({ type, flags, streamId, payload: hex });
    },
  });
  try {
    for (const chunk of chunks) decoder.push(chunk);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { frames, error: error.code };
  }
  return { frames, error: undefined };
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

export function fromHex(hex: string): Uint8Array {
  const digits = hex.replaceAll(" ", "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}
