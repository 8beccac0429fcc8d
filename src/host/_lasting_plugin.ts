import type { Contract } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type ReattachInfo, toHex } from "../handshake/mod.ts";
import { CloseCode } from "../mux/mod.ts";
import type { LastingOutput } from "../output/mod.ts";
import type { Dispensed } from "../rpc/mod.ts";
import type { Address, ExitStatus } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import { endSession, wasDetached, wasStopped } from "./_end_session.ts";
import { describeExit } from "./_failed_start.ts";
import { hasOtherOwner } from "./_has_other_owner.ts";
import { LaunchedPlugin, type LaunchedPluginParts, termMs } from "./_launched_plugin.ts";
import { type KnownProcess, type OtherRunning, unknownExit } from "./_other_running.ts";
import { checkStopOptions } from "./check_options.ts";
import { defaultGraceMs } from "./options.ts";
import type { Released, StopOptions } from "./plugin.ts";

/** What {@linkcode LastingPlugin} needs beside what others do. */
export interface LastingParts {
  readonly address: Address;
  readonly secret: Uint8Array | undefined;
  readonly known: KnownProcess;
  /** `undefined` for one whose output goes somewhere else. */
  readonly output: LastingOutput | undefined;
  /** The process, when another host has started it. */
  readonly other?: OtherRunning;
}

/** A plugin that outlives its host, of which this host is the owner: as who launched it, or as who took it over. */
export class LastingPlugin extends LaunchedPlugin {
  override readonly released: Promise<Released>;
  readonly #lasting: LastingParts;
  readonly #instance: string;
  readonly #release: PromiseWithResolvers<Released> = Promise.withResolvers();
  #reason: Released["reason"] | undefined;
  #letting: Promise<void> | undefined;
  #detaching: Promise<ReattachInfo> | undefined;

  constructor(parts: LaunchedPluginParts, lasting: LastingParts) {
    super(parts);
    this.#lasting = lasting;
    this.#instance = parts.session.peerHello.instance;
    this.released = this.#release.promise;
    void parts.process.exited.then(() => this.#release.resolve({ reason: "ended" }));
  }

  protected override get isReleased(): boolean {
    return this.#reason !== undefined;
  }

  override dispense<T, I>(contract: Contract<T, I>): Dispensed<T> {
    if (this.#detaching !== undefined || this.isReleased) throw this.#refusal().with({ execution: "none" });
    return super.dispense(contract);
  }

  override async stop(options: StopOptions = {}): Promise<ExitStatus> {
    checkStopOptions(options);
    // Nothing is awaited that is not there: a detach() directly behind this call has to find that it comes too late.
    if (this.#detaching !== undefined) await this.#detaching.catch(() => {});
    if (this.#letting !== undefined) await this.#letting;
    if (this.isReleased) return this.parts.process.status ?? unknownExit;
    return await super.stop(options);
  }

  override reattachInfo(): ReattachInfo {
    const { address, secret, known, output } = this.#lasting;
    return {
      plugwire: 1,
      name: this.name,
      address,
      secret: secret === undefined ? null : toHex(secret),
      instance: this.#instance,
      pid: known.pid,
      started: known.started,
      output: output?.place ?? null,
    };
  }

  override async detach(): Promise<ReattachInfo> {
    if (this.#detaching === undefined) {
      const refusal = this.#detachRefusal();
      if (refusal !== undefined) throw refusal;
    }
    this.#detaching ??= this.#detach();
    return await this.#detaching;
  }

  protected override async end(graceMs: number): Promise<ExitStatus> {
    const { session, process, runtime, output } = this.parts;
    const began = performance.now();
    await endSession(session, { name: this.name, runtime, log: output.log, graceMs, exited: process.exited });
    this.#lasting.other?.hurry();
    const leftMs = Math.max(0, graceMs - (performance.now() - began));
    if (!session.isSuperseded && (await settledWithin(process.exited, leftMs, runtime))) return await process.kill();
    // Before any signal: the plugin that does not end may have a new owner, whose word alone it heeds.
    if (session.isSuperseded || (await hasOtherOwner(this.#lasting, this.parts))) {
      await this.#letGo("superseded");
      return unknownExit;
    }
    return await process.end(0, termMs(graceMs));
  }

  protected override async onSessionOver(error: PluginError | undefined): Promise<void> {
    const { session, process, runtime, output } = this.parts;
    this.#lasting.other?.hurry();
    if (this.isStopping || this.#detaching !== undefined) return;
    if (session.isSuperseded) return await this.#letGo("superseded");
    // It says that it ends.
    if (session.peerCode === CloseCode.normal) return await super.onSessionOver(error);
    if (await settledWithin(process.exited, exitAfterSessionMs, runtime)) return;
    if (this.isStopping || this.#detaching !== undefined) return;
    const why = error === undefined ? "" : `: ${error.message}`;
    output.log.error(`the session with the plugin broke; it goes on without this host${why}`);
    await this.#letGo("lost");
  }

  async #detach(): Promise<ReattachInfo> {
    const { session, process, runtime, output, options } = this.parts;
    const { graceMs = defaultGraceMs } = options;
    const parts = { name: this.name, runtime, log: output.log, graceMs, exited: process.exited, detaching: true };
    await endSession(session, parts);
    await settledWithin(session.closed, sessionEndMs, runtime);
    await this.#letGo(session.isSuperseded ? "superseded" : "detached");
    return this.reattachInfo();
  }

  #letGo(reason: Released["reason"]): Promise<void> {
    this.#reason ??= reason;
    this.#letting ??= this.#letGoOnce(reason);
    return this.#letting;
  }

  async #letGoOnce(reason: Released["reason"]): Promise<void> {
    const { session, process } = this.parts;
    session.close(undefined, CloseCode.detached);
    await this.#lasting.output?.letGo();
    await process.letGo();
    this.#release.resolve({ reason });
  }

  #detachRefusal(): PluginError | undefined {
    if (this.parts.session.isSuperseded || this.isReleased) return this.#refusal();
    if (this.isStopping) return wasStopped(this.name);
    const { status } = this.parts.process;
    if (status === undefined) return undefined;
    return new PluginError(ErrorCode.exited, `plugin ${this.name} ${describeExit(status)}`, { plugin: this.name });
  }

  #refusal(): PluginError {
    if (this.#reason === "superseded" || this.parts.session.isSuperseded) {
      return new PluginError(ErrorCode.superseded, `another host has taken plugin ${this.name} over`, {
        plugin: this.name,
      });
    }
    if (this.#reason !== "lost") return wasDetached(this.name);
    const text = `the connection to plugin ${this.name} broke; attach to it again with its reattachInfo()`;
    return new PluginError(ErrorCode.closed, text, { plugin: this.name });
  }
}

/** Time for a process to end by itself after its session, in ms, before it counts as one that goes on. */
const exitAfterSessionMs = 500;
/** Time for the connection to end once its session was ended, in ms. */
const sessionEndMs = 1_000;
