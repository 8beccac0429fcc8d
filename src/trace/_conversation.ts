import { Flag, FrameType, ResetFlag } from "../wire/mod.ts";
import { closeName, controlName, resetName, statusName } from "./_frame_names.ts";
import { Peek } from "./_peek.ts";
import type { TraceDirection, TraceEvent } from "./trace_event.ts";

/** What a frame is about. */
export type Subject = Pick<TraceEvent, "what" | "contract" | "method" | "status" | "code" | "bytes">;

interface Call {
  readonly caller: TraceDirection;
  readonly contract: string | undefined;
  readonly method: string | undefined;
  /** Directions whose next frame goes on with a message. */
  readonly midway: Set<TraceDirection>;
  /** Directions that have ended. */
  readonly ended: Set<TraceDirection>;
}

const nothing: Subject = {};
/** Codes are words of ours; whatever else stands in their place is not shown. */
const codeForm = /^[a-z][a-z_]{0,39}$/;

/**
 * Follows a session by its frames, so that each can be named: which contract a number stands for, which call a stream is. It keeps
 * no more than what is open. PROTOCOL.md §8.
 */
export class Conversation {
  readonly #calls: Map<number, Call> = new Map();
  /** Contracts by the numbers that each side gave them. */
  readonly #targets: Readonly<Record<TraceDirection, Map<number, string>>> = { out: new Map(), in: new Map() };

  /** Says what a frame is about. Frames are given in their order. */
  follow(direction: TraceDirection, type: number, flags: number, stream: number, payload: Uint8Array): Subject {
    switch (type) {
      case FrameType.data:
        return this.#data(direction, flags, stream, payload);
      case FrameType.bytes:
        return this.#within(direction, flags, stream, undefined);
      case FrameType.credit:
        return { ...this.#namesOf(stream), bytes: read32(payload, 0) };
      case FrameType.reset:
        return this.#reset(direction, flags, stream, payload);
      case FrameType.goAway:
        return { code: closeName(read16(payload, 4)) };
      case FrameType.control:
        return this.#control(direction, new Peek(payload));
      default:
        return nothing;
    }
  }

  /** Forgets all. */
  clear(): void {
    this.#calls.clear();
    this.#targets.in.clear();
    this.#targets.out.clear();
  }

  #data(direction: TraceDirection, flags: number, stream: number, payload: Uint8Array): Subject {
    const isMidway = this.#calls.get(stream)?.midway.has(direction) === true;
    const isPart = (flags & Flag.more) !== 0;
    const total = isPart && !isMidway ? { bytes: read32(payload, 0) } : {};
    const message = new Peek(isPart ? payload.subarray(4) : payload);
    let subject: Subject;
    if ((flags & Flag.open) !== 0) subject = this.#call(direction, stream, message);
    else if (isMidway) subject = { what: "part" };
    else if (payload.length === 0) subject = nothing;
    else subject = answer(message);
    return { ...this.#within(direction, flags, stream, isPart), ...subject, ...total };
  }

  #call(direction: TraceDirection, stream: number, message: Peek): Subject {
    message.array();
    message.skip();
    const target = message.integer();
    const method = message.text();
    const contract = target === undefined ? undefined : this.#nameOf(direction, target);
    this.#calls.set(stream, { caller: direction, contract, method, midway: new Set(), ended: new Set() });
    if (message.skip() && message.key("answer")) this.#answer(direction, message.integer(), contract, method);
    return { what: "call", contract, method };
  }

  #answer(caller: TraceDirection, target: number | undefined, contract = "", method = ""): void {
    if (target !== undefined) this.#targets[caller].set(target, `answer of ${contract}.${method}`);
  }

  /** A frame of a stream that is open: what it belongs to, and what is left of the stream after it. */
  #within(direction: TraceDirection, flags: number, stream: number, isPart: boolean | undefined): Subject {
    const names = this.#namesOf(stream);
    const call = this.#calls.get(stream);
    if (isPart === true) call?.midway.add(direction);
    else call?.midway.delete(direction);
    if ((flags & Flag.end) !== 0) this.#end(direction, stream);
    return names;
  }

  #reset(direction: TraceDirection, flags: number, stream: number, payload: Uint8Array): Subject {
    const names = this.#namesOf(stream);
    if ((flags & ResetFlag.stopped) !== 0) this.#end(direction, stream);
    const reason = new Peek(payload.subarray(2));
    const failure = reason.key("code") && shownCode(reason.text());
    return { ...names, code: failure ?? resetName(read16(payload, 0)) };
  }

  #control(direction: TraceDirection, message: Peek): Subject {
    message.array();
    const what = controlName(message.integer());
    const targets = this.#targets[direction];
    const target = what === "dispense" || what === "drop" ? message.integer() : undefined;
    if (target === undefined) return { what };
    if (what === "dispense") targets.set(target, message.text() ?? `target ${target}`);
    const contract = this.#nameOf(direction, target);
    if (what === "drop") targets.delete(target);
    return { what, contract };
  }

  #end(direction: TraceDirection, stream: number): void {
    const ended = this.#calls.get(stream)?.ended.add(direction);
    if (ended?.size === 2) this.#calls.delete(stream);
  }

  #namesOf(stream: number): Subject {
    const call = this.#calls.get(stream);
    return call === undefined ? nothing : { contract: call.contract, method: call.method };
  }

  #nameOf(caller: TraceDirection, target: number): string {
    return target < 0 ? `reference ${-1 - target}` : (this.#targets[caller].get(target) ?? `target ${target}`);
  }
}

/** A reply, or an item of a stream. */
function answer(message: Peek): Subject {
  const places = message.array();
  if (places === 2) return { what: "item" };
  if (places !== 3 || !message.skip()) return nothing;
  const status = statusName(message.integer());
  const code = status === "failed" && message.key("code") ? shownCode(message.text()) : undefined;
  return { what: "reply", status, code };
}

function shownCode(code: string | undefined): string | undefined {
  return code !== undefined && codeForm.test(code) ? code : undefined;
}

function read16(bytes: Uint8Array, at: number): number | undefined {
  return bytes.length < at + 2 ? undefined : (bytes[at]! << 8) | bytes[at + 1]!;
}

function read32(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length < at + 4) return undefined;
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
