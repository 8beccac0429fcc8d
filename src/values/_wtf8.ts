/** As many units as surely can be given to one call of a function. */
const chunkUnits = 8_192;

/** The bytes of a string that may hold lone surrogates, each of them as three bytes. https://simonsapin.github.io/wtf-8/ */
export function encodeWtf8(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length * 3);
  let at = 0;
  for (let i = 0; i < value.length; i++) {
    const point = value.codePointAt(i)!;
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
    } else {
      if (point < 0x1_0000) {
        bytes[at++] = 0xe0 | (point >> 12);
      } else {
        // The pair is one code point.
        i++;
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (point & 0x3f);
  }
  return bytes.subarray(0, at);
}

/**
 * The string of WTF-8.
 *
 * @returns `undefined` for anything else: for two surrogates that make a pair, and for UTF-8 without any, too, since one
 * string must have one form.
 */
export function decodeWtf8(bytes: Uint8Array): string | undefined {
  const chunks: string[] = [];
  let units: number[] = [];
  let hasLone = false;
  let isAfterLead = false;
  for (let at = 0; at < bytes.length; ) {
    const length = lengthOf(bytes[at]!);
    const point = pointAt(bytes, at, length);
    if (point === undefined) return undefined;
    if (point >> 11 === 0x1b) {
      if (isAfterLead && point >= 0xdc00) return undefined;
      hasLone = true;
    }
    isAfterLead = point >> 10 === 0x36;
    if (point < 0x1_0000) units.push(point);
    else units.push(0xd7c0 + (point >> 10), 0xdc00 | (point & 0x3ff));
    at += length;
    if (units.length < chunkUnits) continue;
    chunks.push(String.fromCharCode(...units));
    units = [];
  }
  if (!hasLone) return undefined;
  return chunks.join("") + String.fromCharCode(...units);
}

function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** The code point of so many bytes, of which nothing is trusted: surrogates are taken, overlong forms are not. */
function pointAt(bytes: Uint8Array, at: number, length: number): number | undefined {
  const first = bytes[at]!;
  if (length === 1) return first;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return undefined;
  let point = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]!;
    if (byte >> 6 !== 2) return undefined;
    point = (point << 6) | (byte & 0x3f);
  }
  const isOverlong = point < (length === 2 ? 0x80 : length === 3 ? 0x800 : 0x1_0000);
  return isOverlong || point > 0x10_ffff ? undefined : point;
}
