/** Shows bytes for an error message: as text where they read as text, and in hex. At most `max` bytes are shown. */
export function quoteBytes(bytes: Uint8Array, max = 32): string {
  const shown = bytes.subarray(0, max);
  const more = bytes.length > max ? " …" : "";
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return isText(shown) ? `${JSON.stringify(new TextDecoder().decode(shown))}${more} (${hex}${more})` : `${hex}${more}`;
}

/** True when all bytes are printable ASCII or white space. */
export function isText(bytes: Uint8Array): boolean {
  return (
    bytes.length > 0 && bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13)
  );
}
