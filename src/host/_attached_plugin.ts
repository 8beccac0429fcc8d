import type { Contract } from "../contract/mod.ts";
import type { PluginError } from "../errors/mod.ts";
import type { ReattachInfo } from "../handshake/mod.ts";
import type { OfferedContract } from "../hello/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Dispensed, RpcSession } from "../rpc/mod.ts";
import type { ExitStatus, Runtime } from "../runtime/runtime.ts";
import { endSession } from "./_end_session.ts";
import { checkStopOptions } from "./check_options.ts";
import { keepHello } from "./hello_of.ts";
import { defaultGraceMs, type VersionMap } from "./options.ts";
import { notOwn, type Plugin, type Released, type StopOptions } from "./plugin.ts";

/** A plugin without a process of its own: what ends is its session. */
export class AttachedPlugin implements Plugin {
  readonly name: string;
  readonly pid: number | undefined = undefined;
  readonly version: number;
  readonly contracts: unknown;
  readonly serves: readonly OfferedContract[];
  readonly exited: Promise<ExitStatus>;
  readonly released: Promise<Released>;
  protected readonly session: RpcSession;
  protected readonly runtime: Runtime;
  readonly #graceMs: number;
  readonly #log: Logger;
  /** The host asked for its end. */
  #isStopped = false;

  constructor(
    session: RpcSession,
    runtime: Runtime,
    name: string,
    { versions, graceMs = defaultGraceMs }: { readonly versions?: VersionMap; readonly graceMs?: number },
    log: Logger = session.environment.log,
  ) {
    const hello = session.peerHello;
    this.session = session;
    this.runtime = runtime;
    this.name = name;
    this.#graceMs = graceMs;
    this.#log = log;
    this.version = session.version;
    this.contracts = versions?.[this.version];
    this.serves = hello.contracts;
    keepHello(this, hello);
    this.exited = session.closed.then((error) => this.statusOf(error));
    this.released = this.exited.then(() => ({ reason: "ended" }));
  }

  dispense<T, I>(contract: Contract<T, I>): Dispensed<T> {
    return this.session.dispense(contract);
  }

  ping(): Promise<number> {
    return this.session.ping();
  }

  async stop(options: StopOptions = {}): Promise<ExitStatus> {
    checkStopOptions(options);
    const { session, runtime, name } = this;
    const { graceMs = this.#graceMs } = options;
    this.#isStopped = true;
    await endSession(session, { name, runtime, graceMs, log: this.#log });
    return this.statusOf(await session.closed);
  }

  protected statusOf(error: PluginError | undefined): ExitStatus {
    return { code: error === undefined || this.#isStopped ? 0 : 1, signal: null };
  }

  reattachInfo(): ReattachInfo {
    throw notOwn(this.name);
  }

  async detach(): Promise<ReattachInfo> {
    throw notOwn(this.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
