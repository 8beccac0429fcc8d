import type { Role } from "../mux/mod.ts";
import { preface } from "../wire/mod.ts";

const encoder = new TextEncoder();

/** Bytes of a secret. */
export const secretBytes = 32;

/**
 * Proofs that a side knows the secret of its launch, bound to this one session: HMAC-SHA-256 over the side's
 * role and the hash of all that both said before. PROTOCOL.md §7.2.
 */
export class SessionProof {
  readonly #key: CryptoKey;
  readonly #transcript: Uint8Array;

  private constructor(key: CryptoKey, transcript: Uint8Array) {
    this.#key = key;
    this.#transcript = transcript;
  }

  /**
   * @param secret 32 bytes.
   * @param hostHello Payload of the host's HELLO, as it was on the wire.
   * @param pluginHello Payload of the plugin's.
   * @param binding Under TLS: the hashes of both certificates, so that nobody can sit between with certificates of its own.
   */
  static async create(
    secret: Uint8Array,
    hostHello: Uint8Array,
    pluginHello: Uint8Array,
    binding: Uint8Array = new Uint8Array(),
  ): Promise<SessionProof> {
    const said = concat(preface, preface, hostHello, pluginHello, binding);
    const hash = crypto.subtle.digest("SHA-256", said);
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = crypto.subtle.importKey("raw", concat(secret), algorithm, false, ["sign", "verify"]);
    return new SessionProof(await key, new Uint8Array(await hash));
  }

  /** The 32 bytes that a side sends. */
  async of(role: Role): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign("HMAC", this.#key, this.#message(role)));
  }

  /** True when they are what a side that knows the secret sends. Takes the same time either way. */
  async holds(role: Role, proof: Uint8Array): Promise<boolean> {
    return await crypto.subtle.verify("HMAC", this.#key, concat(proof), this.#message(role));
  }

  #message(role: Role): Uint8Array<ArrayBuffer> {
    return concat(encoder.encode(role), this.#transcript);
  }
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
