const slots = 256;
/** Longer names are not remembered. */
const maxLength = 32;

/**
 * Remembers names of properties by their bytes: the same few come again and again, and to make a string is what
 * costs most in a small object. Bounded, and a slot that two names share is theirs in turn.
 */
export class NameCache {
  readonly #names = new Array<string | undefined>(slots).fill(undefined);

  /** The name of these bytes, if it is remembered. */
  find(bytes: Uint8Array, start: number, length: number): string | undefined {
    if (length > maxLength || length === 0) return undefined;
    const name = this.#names[slotOf(bytes, start, length)];
    if (name === undefined || name.length !== length) return undefined;
    for (let i = 0; i < length; i++) if (name.charCodeAt(i) !== bytes[start + i]) return undefined;
    return name;
  }

  /** Remembers a name if it is ASCII, as only then its units are its bytes. */
  keep(name: string, bytes: Uint8Array, start: number, length: number): void {
    if (length > maxLength || length === 0 || name.length !== length) return;
    this.#names[slotOf(bytes, start, length)] = name;
  }
}

function slotOf(bytes: Uint8Array, start: number, length: number): number {
  const ends = bytes[start]! * 7 + bytes[start + length - 1]!;
  return (length * 31 + bytes[start + (length >> 1)]! * 5 + ends) % slots;
}
