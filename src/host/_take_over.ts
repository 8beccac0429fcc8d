import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type ReattachInfo, reattachSecret, socketFileName } from "../handshake/mod.ts";
import type { Hello } from "../hello/mod.ts";
import { createLogger, type Logger } from "../log/mod.ts";
import { LastingOutput, logSinkFrom, OutputFiles, PluginOutput, stderrEnd } from "../output/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import { type RunSpec, reworded } from "../runner/mod.ts";
import type { Address, Runtime } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import { GuestPlugin } from "./_guest_plugin.ts";
import { openHostSession } from "./_host_session.ts";
import { LastingPlugin } from "./_lasting_plugin.ts";
import type { LaunchedPluginParts } from "./_launched_plugin.ts";
import { OtherRunning } from "./_other_running.ts";
import { PluginProcess } from "./_plugin_process.ts";
import { isLaunchDirectory } from "./_sweep.ts";
import { type AttachOptions, defaultStartTimeoutMs } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** Time for a plugin that takes no connections to end, in ms. */
const endingMs = 500;
/** How often a connection is made that is closed before the plugin's hello, and how much longer to wait on average each time, in ms. */
const maxTurns = 8;
const turnMs = 50;
/** What some systems and runtimes say of a connection that is closed as soon as it is there, or has to wait. */
const turnedAway: readonly string[] = ["EAGAIN", "ECONNRESET", "EPIPE"];

/** Joins a plugin that another host has started, as its owner or as a guest. */
export async function takeOver(info: ReattachInfo, options: AttachOptions, runtime: Runtime): Promise<Plugin> {
  return await new TakeOver(info, options, runtime).run();
}

class TakeOver {
  readonly #info: ReattachInfo;
  readonly #options: AttachOptions;
  readonly #runtime: Runtime;
  readonly #name: string;
  #process: PluginProcess | undefined;
  /** What is there has said hello. */
  #wasGreeted = false;

  constructor(info: ReattachInfo, options: AttachOptions, runtime: Runtime) {
    this.#info = info;
    this.#options = options;
    this.#runtime = runtime;
    this.#name = options.name ?? info.name;
  }

  async run(): Promise<Plugin> {
    const { guest = false, signal } = this.#options;
    signal?.throwIfAborted();
    if (guest) {
      const runtime = this.#runtime;
      const log = createLogger({ source: `plugwire.${this.#name}`, sink: logSinkFrom(this.#options.log, runtime) });
      const session = await this.#join(log);
      const other = new OtherRunning(this.#info, runtime);
      return new GuestPlugin(session, other, { runtime, name: this.#name, options: this.#options, log });
    }
    // Before anything is done: a sink that cannot be written to is the caller's mistake.
    const output = new PluginOutput(this.#name, logSinkFrom(this.#options.log, this.#runtime), this.#options);
    try {
      return await this.#own(await this.#join(output.log), output);
    } catch (error) {
      if (error instanceof PluginError && error.code === ErrorCode.exited)
        throw await this.#withLastWords(error, output);
      await output.release();
      throw error;
    }
  }

  async #own(session: RpcSession, output: PluginOutput): Promise<Plugin> {
    const { pid, started, address } = this.#info;
    const other = new OtherRunning({ pid, started }, this.#runtime);
    const spec = await this.#spec();
    const process = new PluginProcess(other, spec, output, this.#runtime);
    this.#process = process;
    await process.joined();
    const lasting = await this.#follow(output);
    void process.exited.then(() => lasting?.finish());
    const { version } = session;
    const parts: LaunchedPluginParts = {
      session,
      process,
      spec,
      output,
      runtime: this.#runtime,
      options: this.#options,
      version,
    };
    const secret = reattachSecret(this.#info);
    return new LastingPlugin(parts, { address, secret, known: { pid, started }, output: lasting, other });
  }

  /** Output is worth less than the plugin: where it cannot be read the plugin is taken over without it. */
  async #follow(output: PluginOutput): Promise<LastingOutput | undefined> {
    const { output: place } = this.#info;
    try {
      if (place !== null) {
        const files = await OutputFiles.open(this.#runtime, place.directory);
        return await LastingOutput.follow({ files, output, runtime: this.#runtime, from: place });
      }
    } catch (error) {
      // Who has removed it has read it.
      if (!(error instanceof PluginError && error.code === ErrorCode.notFound))
        output.log.warn("the plugin's output cannot be followed", { error });
    }
    await output.release();
    return undefined;
  }

  async #join(log: Logger): Promise<RpcSession> {
    const { startTimeoutMs = defaultStartTimeoutMs, signal } = this.#options;
    const giveUp = new AbortController();
    const late = (): void =>
      giveUp.abort(
        new PluginError(
          ErrorCode.timeout,
          `plugin ${this.#name} did not answer within ${startTimeoutMs} ms (startTimeoutMs)`,
          {
            plugin: this.#name,
            execution: "none",
          },
        ),
      );
    const onAbort = (): void => giveUp.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const timer = this.#runtime.setTimer(late, startTimeoutMs, { keepAlive: true });
    try {
      return await this.#connectInTurn(giveUp.signal, log);
    } catch (error) {
      throw giveUp.signal.aborted ? giveUp.signal.reason : await this.#explained(error);
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** A plugin has room for some connections that have not proved themselves, and closes others: many hosts may come at once. */
  async #connectInTurn(signal: AbortSignal, log: Logger): Promise<RpcSession> {
    for (let turn = 1; ; turn++) {
      try {
        return await this.#connect(signal, log);
      } catch (error) {
        if (turn === maxTurns || signal.aborted || !this.#wasTurnedAway(error)) throw error;
        await this.#pause(Math.random() * turn * turnMs);
      }
    }
  }

  /** That it was closed, or not taken, before a word was said. */
  #wasTurnedAway(error: unknown): boolean {
    if (this.#wasGreeted || !(error instanceof PluginError)) return false;
    const { code, errno = "" } = error;
    return code === ErrorCode.closed || code === ErrorCode.transport || turnedAway.includes(errno);
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#runtime.setTimer(resolve, ms, { keepAlive: true });
    await promise;
  }

  async #connect(signal: AbortSignal, log: Logger): Promise<RpcSession> {
    const { address } = this.#info;
    const link = await this.#runtime.connect(address, { signal });
    const giveUp = (): void => link.destroy();
    signal.addEventListener("abort", giveUp);
    try {
      const session = await openHostSession(link, {
        runtime: this.#runtime,
        name: this.#name,
        options: this.#options,
        secret: reattachSecret(this.#info),
        owner: this.#options.guest !== true,
        trusted: (hello) => this.#check(hello),
        log,
        explain: async (error) => (await this.#process?.explain(error)) ?? error,
      });
      // Its answer comes after it has looked at the proof: one that is about to end, or has too many guests, is found out here.
      await session.ping();
      return session;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** That it is the plugin the info is about: asked before this side proves itself, so that no other host loses its place. */
  #check({ instance, pid }: Hello): void {
    this.#wasGreeted = true;
    const { pid: expected, started } = this.#info;
    const what = `what answers at ${addressText(this.#info.address)} is not the plugin ${this.#name} of the reattach info`;
    if (instance !== this.#info.instance) throw this.#wrong(`${what}: it is another instance (process ${pid})`);
    if (pid !== expected) throw this.#wrong(`${what}: it is process ${pid}, and that was process ${expected}`);
    const found = this.#runtime.processStart(pid);
    // One that cannot be seen from here, in another container say, is never sent a signal.
    if (found !== undefined && found !== started)
      throw this.#wrong(`${what}: process ${pid} began at ${found}, and that one at ${started}`);
  }

  #wrong(text: string): PluginError {
    return new PluginError(ErrorCode.wrongInstance, text, { plugin: this.#name, execution: "none" });
  }

  /** A plugin that has ended is better told as that. */
  async #explained(error: unknown): Promise<unknown> {
    if (!(error instanceof PluginError)) return error;
    const facts = { plugin: this.#name, execution: "none" } as const;
    const { pid, address } = this.#info;
    const mayBeEnd: readonly string[] = [ErrorCode.connectFailed, ErrorCode.closed, ErrorCode.transport];
    if (!mayBeEnd.includes(error.code)) return error.with(facts);
    if (await this.#goesOn()) {
      const text = `plugin ${this.#name} is running as process ${pid}, but cannot be joined at ${addressText(address)}: ${error.message}`;
      return reworded(error, text, facts);
    }
    const other = this.#runtime.processStart(pid) === undefined ? "" : `; process ${pid} is another one by now`;
    const text = `plugin ${this.#name} is not running any more${other}`;
    return new PluginError(ErrorCode.exited, text, { ...facts, exitCode: null, signal: null, cause: error });
  }

  /** Whether the process is there, and not about to end. */
  async #goesOn(): Promise<boolean> {
    const other = new OtherRunning(this.#info, this.#runtime);
    other.hurry();
    const hasEnded = await settledWithin(other.exited, endingMs, this.#runtime);
    other.release();
    return !hasEnded;
  }

  /** Delivers what a plugin wrote before it ended without a host, and removes what it left. */
  async #withLastWords(error: PluginError, output: PluginOutput): Promise<PluginError> {
    const lasting = await this.#follow(output);
    await lasting?.finish();
    const directory = await this.#directory();
    // What cannot be removed is swept by a later host; why the plugin is not there matters more.
    if (directory !== undefined) await this.#runtime.remove(directory).catch(() => {});
    const stderr = output.stderrTail;
    return stderr === "" ? error : reworded(error, `${error.message}${stderrEnd(stderr)}`, { stderr });
  }

  /** The directory that a host made for its socket; whatever the info says, no other is ever removed. */
  async #directory(): Promise<string | undefined> {
    const { address } = this.#info;
    if (address.network !== "unix" || !address.path.endsWith(`/${socketFileName}`)) return undefined;
    const directory = address.path.slice(0, -socketFileName.length - 1);
    return (await isLaunchDirectory(directory, this.#runtime)) ? directory : undefined;
  }

  async #spec(): Promise<RunSpec> {
    return {
      name: this.#name,
      // It runs already.
      command: { argv: [], name: this.#name },
      cwd: undefined,
      env: {},
      ownEnv: {},
      socketDirectory: await this.#directory(),
      transport: "unix",
      stdin: "null",
      stdout: "null",
      stderr: "null",
      diesWithHost: false,
      resources: {},
    };
  }
}

function addressText(address: Address): string {
  return address.network === "unix" ? address.path : `${address.host}:${address.port}`;
}
