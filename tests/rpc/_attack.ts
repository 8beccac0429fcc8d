import type { RpcSession } from "../../src/rpc/mod.ts";
import { FrameType, type Limits } from "../../src/wire/mod.ts";
import { joined } from "../support/joined.ts";
import { codec, type RawFrame, type RawPeer, withRawHost } from "./_sessions.ts";
import { makeVault, type Vault } from "./_vault.ts";

const open = 1;
const more = 2;
const end = 4;

/** A whole message in bytes: `references` and `args` may be bytes that no encoder writes. */
export function callBytes(
  references: unknown,
  target: number,
  method: string,
  args: unknown,
  options?: object,
): Uint8Array {
  const items = [references, target, method, args, ...(options === undefined ? [] : [options])];
  return joined([
    Uint8Array.of(0x80 + items.length),
    ...items.map((item) => (item instanceof Raw ? item.bytes : codec.encode(item))),
  ]);
}

/** CBOR as it is. */
export class Raw {
  readonly bytes: Uint8Array;
  constructor(...bytes: readonly (Uint8Array | readonly number[])[]) {
    this.bytes = joined(bytes);
  }
}

/** Arguments that name references by their place in the list. */
export function refs(...indexes: readonly number[]): Raw {
  return new Raw([0x80 + indexes.length], ...indexes.map(refTo));
}

function refTo(index: number): number[] {
  return [0xd9, 0x50, 0x57, ...(index < 24 ? [index] : [0x19, index >> 8, index & 255])];
}

/** A reply as it came. */
export interface Answer {
  readonly references: unknown;
  readonly status: number;
  readonly body: { readonly code?: string; readonly message?: string; readonly execution?: string } & Record<
    string,
    unknown
  >;
}

/** A host written by hand, its hello said, with both contracts of the vault dispensed: `vault` is 0, `shaped` is 1. */
export class Attack {
  readonly vault: Vault = makeVault();
  readonly plugin: RpcSession;
  readonly peer: RawPeer;
  #nextStream = 1;

  constructor(limits: Partial<Limits> = {}, hello: Readonly<Record<string, unknown>> = {}) {
    const { plugin, host } = withRawHost({ serves: this.vault.served, limits });
    this.plugin = plugin;
    this.peer = host;
    host.hello(hello);
    this.control([0, 0, "vault"]);
    this.control([0, 1, "shaped"]);
  }

  /** @returns The number of a stream of the host's that was not used yet. */
  next(): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    return id;
  }

  control(message: unknown): void {
    this.peer.say(FrameType.control, message);
  }

  /** Sends a call that fits into a frame. @returns Its stream. */
  send(call: Uint8Array | readonly unknown[]): number {
    const id = this.next();
    this.peer.send(FrameType.data, call instanceof Uint8Array ? call : codec.encode(call), id, open | end);
    return id;
  }

  /** Sends one of any size, as the credit allows. */
  async sendLarge(call: Uint8Array): Promise<number> {
    const id = this.next();
    const size = new DataView(new ArrayBuffer(4));
    size.setUint32(0, call.length);
    const whole = joined([new Uint8Array(size.buffer), call]);
    let [credit, seen] = [65_536, 0];
    for (let at = 0; at < whole.length; ) {
      while (credit === 0) {
        const { streamId, payload } = await this.peer.frame(FrameType.credit, seen++);
        if (streamId === id) credit += new DataView(payload.buffer, payload.byteOffset).getUint32(0);
      }
      const part = whole.subarray(at, at + Math.min(credit, 65_536));
      at += part.length;
      credit -= part.length;
      this.peer.send(FrameType.data, part, id, (part.length === at ? open : 0) | (at < whole.length ? more : end));
    }
    return id;
  }

  /** The reply on a stream. */
  async answer(streamId: number): Promise<Answer> {
    const { payload } = await this.frameOn(FrameType.data, streamId);
    return readReply(payload);
  }

  async ask(call: Uint8Array | readonly unknown[]): Promise<Answer> {
    return await this.answer(this.send(call));
  }

  /** The first frame of this type on a stream after so many others. */
  async frameOn(type: number, streamId: number, after = 0): Promise<RawFrame> {
    let left = after;
    for (let seen = 0, ofType = 0; ; ) {
      for (; seen < this.peer.frames.length; seen++) {
        const frame = this.peer.frames[seen]!;
        if (frame.type !== type) continue;
        ofType++;
        if (frame.streamId === streamId && left-- === 0) return frame;
      }
      await this.peer.frame(type, ofType);
    }
  }

  /** A call of the plugin's: the `skip`th message on a stream of its own. */
  async asked(skip = 0): Promise<{ streamId: number; message: unknown[] }> {
    for (let at = 0, left = skip; ; at++) {
      const frame = await this.peer.frame(FrameType.data, at);
      if (frame.streamId % 2 !== 0 || left-- > 0) continue;
      return { streamId: frame.streamId, message: codec.decode(frame.payload) as unknown[] };
    }
  }

  /** Asks for one of the references of the vault. @returns Its number. */
  async reference(method: string, target = 0): Promise<number> {
    const { references } = await this.ask([null, target, method, []]);
    return (references as [number, number][])[0]![1];
  }

  /** Says that the session goes on and keeps nothing of the attack. */
  async stillGood(kept: { readonly exports?: number } = {}): Promise<void> {
    const before = this.vault.reached.length;
    const { status, body } = await this.ask([null, 0, "run", [1, 2]]);
    if (status !== 0 || (body as unknown) !== 2) throw new Error(`a good call got ${JSON.stringify(body)}`);
    this.vault.reached.splice(before);
    const { imports, exports, streams, waiting } = this.plugin.counts;
    const counts = { imports, exports, streams, waiting };
    const wanted = { imports: 0, exports: kept.exports ?? 0, streams: 0, waiting: 0 };
    if (JSON.stringify(counts) !== JSON.stringify(wanted)) throw new Error(`it keeps ${JSON.stringify(counts)}`);
  }

  /** What the session ended with: the code of GOAWAY, and of the error here. */
  async ended(): Promise<{ goAway: number; code: string | undefined }> {
    const { code: goAway } = await this.peer.farewell();
    this.peer.end();
    return { goAway, code: (await this.plugin.closed)?.code };
  }

  async close(): Promise<void> {
    this.plugin.close();
    this.peer.end();
    await this.plugin.closed;
  }
}

/** A reply whose body may name references, which stand for their index. */
function readReply(payload: Uint8Array): Answer {
  let references: unknown = null;
  const source = {
    begin: (list: unknown) => {
      references = list;
    },
    at: (index: number) => ({ index }),
  };
  const [, status, body] = codec.decodeMessage(payload, source);
  return { references, status: status as number, body: body as Answer["body"] };
}
