import type { Logger } from "../log/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import type { ExitStatus, Runtime } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import { AttachedPlugin } from "./_attached_plugin.ts";
import { type OtherRunning, unknownExit } from "./_other_running.ts";
import type { AttachOptions } from "./options.ts";
import type { Released, StopOptions } from "./plugin.ts";

/** Time for a process to end after a session, in ms, before it counts as one that goes on. */
const exitAfterSessionMs = 500;

/** What a guest goes by. */
export interface GuestParts {
  readonly runtime: Runtime;
  readonly name: string;
  readonly options: AttachOptions;
  readonly log: Logger;
}

/** A plugin that this host visits, while another one may own it. */
export class GuestPlugin extends AttachedPlugin {
  override readonly pid: number;
  override readonly exited: Promise<ExitStatus>;
  override readonly released: Promise<Released>;
  readonly #other: OtherRunning;
  #hasLeft = false;

  constructor(session: RpcSession, other: OtherRunning, { runtime, name, options, log }: GuestParts) {
    super(session, runtime, name, options, log);
    this.#other = other;
    this.pid = other.pid;
    this.exited = other.exited;
    this.released = this.#watch();
  }

  /** Only leaves. */
  override async stop(options: StopOptions = {}): Promise<ExitStatus> {
    this.#hasLeft = true;
    await super.stop(options);
    return unknownExit;
  }

  async #watch(): Promise<Released> {
    await this.session.closed;
    this.#other.hurry();
    const hasEnded = !this.#hasLeft && (await settledWithin(this.exited, exitAfterSessionMs, this.runtime));
    this.#other.release();
    if (hasEnded) return { reason: "ended" };
    return { reason: this.#hasLeft ? "detached" : "lost" };
  }
}
