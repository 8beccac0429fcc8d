import { ErrorCode, PluginError } from "../errors/mod.ts";
import { CloseCode, type Role, type Session } from "../mux/mod.ts";
import type { ValueCodec } from "../values/mod.ts";
import { FrameType } from "../wire/mod.ts";
import { SessionProof } from "./auth.ts";
import { encodeHello, type Hello, parseHello } from "./hello.ts";

/** Options of {@linkcode Greeting}. */
export interface GreetingOptions {
  readonly role: Role;
  readonly codec: ValueCodec;
  /** 32 bytes that both sides know; without it nobody proves anything. */
  readonly secret: Uint8Array | undefined;
  /** What the proofs are bound to beside what was said: see `Link.binding`. */
  readonly binding?: Uint8Array | undefined;
  /** Makes this side's hello; the plugin knows the host's by then. */
  hello(peer: Hello | undefined): Hello;
  /** The peer has proved itself, and this side has not: what it throws ends the session. */
  trusted?(peer: Hello): void;
  /** Both sides know and trust each other; called from inside the arrival of the last frame. */
  greeted(peer: Hello): void;
}

type Step = "hello" | "auth" | "over";

/**
 * The beginning of a session: the host's hello, the plugin's hello and proof, the host's proof. Nothing else
 * is taken before. PROTOCOL.md §7.
 */
export class Greeting {
  readonly #session: Session;
  readonly #options: GreetingOptions;
  #step: Step = "hello";
  #own: Uint8Array | undefined;
  #peer: Hello | undefined;
  #proof: Promise<SessionProof> | undefined;

  constructor(session: Session, options: GreetingOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** True once the peer is known and trusted. */
  get isOver(): boolean {
    return this.#step === "over";
  }

  /** The host speaks first. */
  begin(): void {
    if (this.#options.role !== "host") return;
    try {
      this.#sendHello();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Takes a HELLO or AUTH frame. */
  receive(type: FrameType, payload: Uint8Array): void {
    try {
      if (type === FrameType.hello && this.#step === "hello") return this.#onHello(payload);
      if (type === FrameType.auth && this.#step === "auth") return this.#onAuth(payload);
      throw new PluginError(ErrorCode.protocol, "the peer sent HELLO or AUTH out of its order");
    } catch (error) {
      this.#fail(error);
    }
  }

  #onHello(payload: Uint8Array): void {
    const { role, codec, secret, binding } = this.#options;
    const peer = parseHello(payload, codec, role === "host" ? "plugin" : "host");
    this.#peer = peer;
    if (role === "plugin") this.#sendHello();
    if ((secret !== undefined) !== peer.auth) throw unequalTrust(secret !== undefined, peer.role);
    if (secret === undefined) {
      this.#options.trusted?.(peer);
      return this.#finish(peer);
    }
    this.#step = "auth";
    const own = this.#own!;
    const said = payload.slice();
    const [host, plugin] = role === "host" ? [own, said] : [said, own];
    this.#proof = SessionProof.create(secret, host, plugin, binding);
    if (role === "host") return;
    this.#later(async (proof) => this.#session.sendControl(FrameType.auth, await proof.of(role)));
  }

  #onAuth(payload: Uint8Array): void {
    const { role } = this.#options;
    const peer = this.#peer!;
    this.#later(async (proof) => {
      if (!(await proof.holds(peer.role, payload))) {
        throw new PluginError(ErrorCode.authentication, `the ${peer.role} does not know the secret of this launch`);
      }
      this.#options.trusted?.(peer);
      if (role === "host") this.#session.sendControl(FrameType.auth, await proof.of(role));
      this.#finish(peer);
    });
  }

  /** What WebCrypto does takes time; frames that arrive meanwhile wait. */
  #later(step: (proof: SessionProof) => Promise<void>): void {
    this.#session.hold();
    this.#proof!.then(step)
      .then(() => this.#session.release())
      .catch((error) => this.#fail(error));
  }

  #sendHello(): void {
    const { codec, hello } = this.#options;
    this.#own = encodeHello(hello(this.#peer), codec);
    this.#session.sendControl(FrameType.hello, this.#own);
  }

  #finish(peer: Hello): void {
    this.#step = "over";
    this.#session.admit(peer.limits.streams);
    this.#options.greeted(peer);
  }

  #fail(error: unknown): void {
    const failure = PluginError.from(error, ErrorCode.protocol);
    const code = failure.code === ErrorCode.authentication ? CloseCode.authentication : CloseCode.hello;
    this.#session.fail(failure, code);
  }
}

function unequalTrust(iHaveSecret: boolean, peer: Role): PluginError {
  const text = iHaveSecret
    ? `the ${peer} offers no proof that it knows the secret of this launch`
    : `the ${peer} wants proof of a secret that this side was not given`;
  return new PluginError(ErrorCode.authentication, text);
}
