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

/**
 * The tags that Plugwire uses beside those of typed arrays; a message with any other is malformed. All but one are
 * registered with IANA. PROTOCOL.md §6.2.
 */
export const Tag = {
  /** Seconds since 1970, as an integer or a float; NaN is an invalid Date. RFC 8949 §3.4.2. */
  epochDate: 1,
  /** A bigint that is not negative: the bytes of n. RFC 8949 §3.4.3. */
  bigint: 2,
  /** A negative bigint: the bytes of -1 - n. */
  negativeBigint: 3,
  /** An array of a class's name and what it is made from. http://cbor.schmorp.de/generic-object */
  object: 27,
  /** An object that tag 29 may name later. http://cbor.schmorp.de/value-sharing */
  shareable: 28,
  /** The object of the nth tag 28 of the message, counted from 0. */
  shared: 29,
  /** On undefined: a hole of an array. svaarala/cbor-specs, cbor-absent-tag */
  hole: 31,
  /** A text: a URL. RFC 8949 §3.4.5.3. */
  uri: 32,
  /** An array: a Set. input-output-hk/cbor-sets-spec */
  set: 258,
  /** A map with keys of any kind: a Map. shanewholloway/js-cbor-codec */
  map: 259,
  /** A byte string: a string with lone surrogates, in WTF-8. svaarala/cbor-specs, cbor-nonutf8-string-tags */
  wtf8: 273,
  /** An array of source and flags: a RegExp. hildjj/cbor-specs, regexp */
  regexp: 21_066,
  /** Not registered, "PW" in ASCII: the index of what crosses by reference. */
  reference: 20_567,
} as const;
