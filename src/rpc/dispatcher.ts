import { type Served, servedParts } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { MuxStream } from "../mux/mod.ts";
import { IncomingAnswer } from "./incoming_answer.ts";
import { IncomingCall } from "./incoming_call.ts";
import type { IncomingTarget } from "./incoming_target.ts";
import { ControlCode } from "./messages.ts";
import type { RpcSession } from "./rpc_session.ts";
import { ServedTarget } from "./served_target.ts";

/** Something that waits until the peer reads its replies. */
interface Held {
  run(): void;
}

/** CONTROL frames that may wait beside those that dispense and drop everything once. */
const heldControlsSlack = 64;

/** Calls of what was not dispensed, each answered with an error, before the session ends. */
const maxStrayCalls = 1_000;

/** What the peer has dispensed of this side, and which of its calls may start. */
export class Dispatcher {
  readonly #session: RpcSession;
  readonly #isCongested: () => boolean;
  readonly #targets: Map<number, IncomingTarget> = new Map();
  /** In the order of arrival; a set, so that what is cancelled leaves it at once. */
  readonly #held: Set<Held> = new Set();
  #isGoingOn = false;
  #heldControls = 0;
  #strayCalls = 0;
  #served: ReadonlyMap<string, Served> = new Map();

  /** @param isCongested True while more replies wait than the peer reads. */
  constructor(session: RpcSession, isCongested: () => boolean) {
    this.#session = session;
    this.#isCongested = isCongested;
  }

  get targetCount(): number {
    return this.#targets.size;
  }

  /** Says what may be dispensed. */
  serve(served: readonly Served[]): void {
    this.#served = new Map(served.map((one) => [servedParts(one).name, one]));
  }

  /** A stream of the peer: a call. */
  accept(stream: MuxStream): IncomingCall {
    return new IncomingCall(this.#session, stream);
  }

  /** Starts a call, or keeps it while the peer does not read its replies. */
  dispatch(call: IncomingCall): void {
    if (this.#held.size === 0 && !this.#isCongested()) return call.run();
    call.isHeld();
    this.#held.add(call);
  }

  /** A call that waits was given up. */
  withdraw(call: IncomingCall): void {
    this.#held.delete(call);
  }

  /** Starts what was kept, as far as there is room again. */
  goOn(): void {
    // A call that is answered at once ends its stream, and so comes back here from within `run`.
    if (this.#held.size === 0 || this.#isGoingOn) return;
    this.#isGoingOn = true;
    for (const held of this.#held) {
      if (this.#isCongested()) break;
      this.#held.delete(held);
      held.run();
    }
    this.#isGoingOn = false;
  }

  /** @throws PluginError `bad_message` for a target that was not dispensed. */
  target(id: number): IncomingTarget {
    const target = this.#targets.get(id);
    if (target !== undefined) return target;
    this.#strayCalls++;
    if (this.#strayCalls > maxStrayCalls) {
      // An error for each costs this side more than the peer.
      this.#session.guard(() => {
        throw new PluginError(ErrorCode.limit, `${maxStrayCalls} calls of targets that were not dispensed`);
      });
    }
    throw new PluginError(ErrorCode.badMessage, `a call of target ${id}, which was not dispensed or was dropped`);
  }

  /** What a call that begins is going to give, by the number that the peer chose for it. @throws PluginError `protocol`, `limit` */
  openAnswer(number: number): IncomingAnswer {
    try {
      this.#checkFree(number);
    } catch (error) {
      this.#session.guard(() => {
        throw error;
      });
      throw error;
    }
    const answer = new IncomingAnswer();
    this.#targets.set(number, answer);
    return answer;
  }

  /** Takes a CONTROL frame. @throws PluginError `protocol`, `limit`. */
  control(message: unknown): void {
    if (!Array.isArray(message)) throw new PluginError(ErrorCode.protocol, "a CONTROL frame is not an array");
    const [code, id, name] = message as readonly unknown[];
    if (code === ControlCode.release || code === ControlCode.abort) {
      return this.#inOrder(() => this.#session.references.control(message));
    }
    if (code !== ControlCode.dispense && code !== ControlCode.drop) return;
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0) {
      throw new PluginError(ErrorCode.protocol, "a CONTROL frame without the number of a target");
    }
    this.#inOrder(() => {
      if (code === ControlCode.drop) this.#drop(id);
      else this.#dispense(id, name);
    });
  }

  clear(): void {
    this.#targets.clear();
    this.#held.clear();
  }

  /** Applies a CONTROL frame after the calls that came before it: what they name must still be there. */
  #inOrder(apply: () => void): void {
    if (this.#held.size === 0) return apply();
    const { maxDispensed, maxReferences } = this.#session.limits;
    if (this.#heldControls > 2 * (maxDispensed + maxReferences) + heldControlsSlack) {
      throw new PluginError(
        ErrorCode.limit,
        `${this.#heldControls} CONTROL frames wait until the peer reads its replies`,
      );
    }
    this.#heldControls++;
    const run = (): void => {
      this.#heldControls--;
      this.#session.guard(apply);
    };
    this.#held.add({ run });
  }

  #dispense(id: number, name: unknown): void {
    const served = typeof name === "string" ? this.#served.get(name) : undefined;
    if (served === undefined)
      throw new PluginError(ErrorCode.protocol, `the peer dispensed ${JSON.stringify(name)}, which is not served here`);
    this.#checkFree(id);
    this.#targets.set(id, new ServedTarget(served, this.#session));
  }

  #drop(number: number): void {
    this.#targets.get(number)?.dropped();
    this.#targets.delete(number);
  }

  #checkFree(number: number): void {
    if (this.#targets.has(number)) throw new PluginError(ErrorCode.protocol, `the peer named target ${number} twice`);
    const { maxDispensed } = this.#session.limits;
    if (this.#targets.size >= maxDispensed) {
      throw new PluginError(
        ErrorCode.limit,
        `the peer holds ${maxDispensed} dispensed contracts, no more are given (limits.maxDispensed)`,
      );
    }
  }
}
