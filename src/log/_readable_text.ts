const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const replacement = "\ufffd";
const backslash = 0x5c;
const letterX = 0x78;
const hexDigits = new TextEncoder().encode("0123456789abcdef");

/**
 * Decodes UTF-8 and loses nothing: a byte that is not part of valid UTF-8 becomes four characters such as `\xff`.
 */
export function readableText(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  // A replacement character may also be what was sent; the slow way tells.
  return text.includes(replacement) ? withEscapes(bytes) : text;
}

/**
 * Length of the valid UTF-8 sequence at an offset, or 0 when there is none.
 * The table of well-formed sequences is 3-7 of the Unicode standard.
 */
export function sequenceLength(bytes: Uint8Array, offset: number): number {
  const lead = bytes[offset]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (offset + length > bytes.length) return 0;
  const second = bytes[offset + 1]!;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let index = offset + 2; index < offset + length; index++) {
    if ((bytes[index]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}

function withEscapes(bytes: Uint8Array): string {
  // Every byte becomes at most four; the result is valid UTF-8, so that the runtime's own decoder does the rest.
  const escaped = new Uint8Array(bytes.length * 4);
  let count = 0;
  for (let offset = 0; offset < bytes.length; ) {
    let length = sequenceLength(bytes, offset);
    if (length > 0) {
      for (; length > 0; length--) escaped[count++] = bytes[offset++]!;
      continue;
    }
    const byte = bytes[offset++]!;
    escaped[count++] = backslash;
    escaped[count++] = letterX;
    escaped[count++] = hexDigits[byte >> 4]!;
    escaped[count++] = hexDigits[byte & 15]!;
  }
  return decoder.decode(escaped.subarray(0, count));
}
