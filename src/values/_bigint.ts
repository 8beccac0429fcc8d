/** The bytes of a bigint that is not negative: big-endian, without leading zeros, none for 0. */
export function bytesOfBigint(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  const length = (digits.length + 1) >> 1;
  const bytes = new Uint8Array(length);
  let end = digits.length;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number.parseInt(digits.slice(Math.max(0, end - 2), end), 16);
    end -= 2;
  }
  return bytes;
}

/**
 * The bigint of big-endian bytes.
 *
 * @throws RangeError or SyntaxError for more bits than the runtime's bigint holds (JavaScriptCore: 2^20, V8: 2^30).
 */
export function bigintOfBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const digits = new Array<string>(bytes.length);
  for (let i = 0; i < bytes.length; i++) digits[i] = hexOfByte[bytes[i]!]!;
  return BigInt(`0x${digits.join("")}`);
}

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
