import type { Contract } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { ReattachInfo } from "../handshake/mod.ts";
import type { OfferedContract } from "../hello/mod.ts";
import type { PluginOutput } from "../output/mod.ts";
import type { Dispensed, RpcSession } from "../rpc/mod.ts";
import type { RunSpec } from "../runner/mod.ts";
import type { ExitStatus, Runtime } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import { endSession, wasStopped } from "./_end_session.ts";
import { describeExit } from "./_failed_start.ts";
import type { PluginProcess } from "./_plugin_process.ts";
import { checkStopOptions } from "./check_options.ts";
import { keepHello } from "./hello_of.ts";
import { defaultGraceMs, type LaunchOptions } from "./options.ts";
import { noReattach, type Plugin, type Released, type StopOptions } from "./plugin.ts";

/** Time for a session to work off what came before the process ended, in ms. */
const lastFramesMs = 100;
/** Time for a process to end by itself after its session, in ms, before it counts as one that goes on without. */
const exitAfterSessionMs = 500;
/** SIGTERM is given this long at least and at most, in ms. */
const minTermMs = 100;
const maxTermMs = 1_000;

/** How long SIGTERM is given. */
export function termMs(graceMs: number): number {
  return Math.min(Math.max(graceMs, minTermMs), maxTermMs);
}

/** What {@linkcode LaunchedPlugin} is made of. */
export interface LaunchedPluginParts {
  readonly session: RpcSession;
  readonly process: PluginProcess;
  readonly spec: RunSpec;
  readonly output: PluginOutput;
  readonly runtime: Runtime;
  readonly options: LaunchOptions;
  readonly version: number;
}

/** A plugin that this host started. */
export class LaunchedPlugin implements Plugin {
  readonly name: string;
  readonly pid: number | undefined;
  readonly version: number;
  readonly contracts: unknown;
  readonly serves: readonly OfferedContract[];
  readonly exited: Promise<ExitStatus>;
  readonly released: Promise<Released>;
  protected readonly parts: LaunchedPluginParts;
  #stopping: Promise<ExitStatus> | undefined;
  /** The host asked for its end. */
  #isStopped = false;

  constructor(parts: LaunchedPluginParts) {
    const { session, process, spec, options, version } = parts;
    this.parts = parts;
    this.name = spec.name;
    this.pid = process.running.pid;
    this.version = version;
    this.contracts = options.versions?.[version];
    this.serves = session.peerHello.contracts;
    this.exited = process.exited;
    this.released = process.exited.then(() => ({ reason: "ended" }));
    keepHello(this, session.peerHello);
    void this.#watch();
  }

  dispense<T, I>(contract: Contract<T, I>): Dispensed<T> {
    if (this.#isStopped)
      throw wasStopped(this.name, ", and nothing can be dispensed of it any more").with({ execution: "none" });
    const { status } = this.parts.process;
    if (status !== undefined) {
      const text = `plugin ${this.name} ${describeExit(status, this.parts.spec.resources)}: nothing can be dispensed of it any more`;
      throw new PluginError(ErrorCode.exited, text, {
        plugin: this.name,
        exitCode: status.code,
        signal: status.signal,
        exceeded: status.exceeded,
        execution: "none",
      });
    }
    return this.parts.session.dispense(contract);
  }

  async ping(): Promise<number> {
    const { session } = this.parts;
    try {
      return await session.ping();
    } catch (error) {
      // How the process ended says more than that its session did.
      throw session.isOver && error instanceof PluginError ? await session.explain(error) : error;
    }
  }

  async stop(options: StopOptions = {}): Promise<ExitStatus> {
    checkStopOptions(options);
    this.#isStopped ||= this.#stopping === undefined;
    this.#stopping ??= this.end(options.graceMs ?? this.parts.options.graceMs ?? defaultGraceMs);
    return await this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } catch (error) {
      // Disposal must not hide what the block threw.
      this.parts.output.log.error("the plugin could not be stopped", { error });
    }
  }

  protected get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  protected async end(graceMs: number): Promise<ExitStatus> {
    const { session, process, runtime, output } = this.parts;
    const began = performance.now();
    await endSession(session, { name: this.name, runtime, log: output.log, graceMs, exited: process.exited });
    const leftMs = Math.max(0, graceMs - (performance.now() - began));
    return await process.end(leftMs, termMs(graceMs));
  }

  reattachInfo(): ReattachInfo {
    throw noReattach(this.name);
  }

  async detach(): Promise<ReattachInfo> {
    throw noReattach(this.name);
  }

  /** True once this host has nothing to do with the plugin any more, which may go on. */
  protected get isReleased(): boolean {
    return false;
  }

  /** A plugin that has lost its session can be called no more: it goes too. */
  protected async onSessionOver(error: PluginError | undefined): Promise<void> {
    const { process, runtime, output, options } = this.parts;
    if (this.#stopping !== undefined) return;
    const graceMs = options.graceMs ?? defaultGraceMs;
    if (await settledWithin(process.exited, Math.min(graceMs, exitAfterSessionMs), runtime)) return;
    if (this.#stopping !== undefined) return;
    if (error !== undefined) {
      const why = await process.explain(error);
      output.log.error(`the session with the plugin broke; the plugin is stopped: ${why.message}`);
    }
    this.#stopping ??= process.end(graceMs, termMs(graceMs));
    this.#stopping.catch((failed) => output.log.error("the plugin could not be stopped", { error: failed }));
  }

  /** A process that ended takes its session along, after what it still sent. */
  async #watch(): Promise<void> {
    const { session, process, runtime, output } = this.parts;
    void session.closed.then((error) => this.onSessionOver(error));
    const status = await process.exited;
    if (this.isReleased) return;
    await settledWithin(session.closed, lastFramesMs, runtime);
    session.destroy(new PluginError(ErrorCode.closed, `plugin ${this.name} has ended`));
    if (this.#stopping !== undefined) return;
    output.log[status.code === 0 ? "info" : "error"](`the plugin ${describeExit(status, this.parts.spec.resources)}`);
    this.#stopping = process.kill();
    this.#stopping.catch((failed) =>
      output.log.error("what is left of the plugin could not be removed", { error: failed }),
    );
  }
}
