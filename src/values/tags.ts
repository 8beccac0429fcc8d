/** The major types of CBOR: the upper three bits of an item's first byte. RFC 8949 §3.1. */
export const Major = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** The registered tags that Plugwire uses; a message with any other is malformed. PROTOCOL.md §6. */
export const Tag = {
  /** Seconds since 1970, as an integer or a float; NaN is an invalid Date. */
  epochDate: 1,
  /** A bigint that is not negative: the bytes of n. */
  bigint: 2,
  /** A negative bigint: the bytes of -1 - n. */
  negativeBigint: 3,
  /** Not registered, "PW" in ASCII: the index of what crosses by reference. */
  reference: 20_567,
} as const;
