import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type HandshakeLine, lineAddress } from "../handshake/mod.ts";
import { lastWordsMs, type PluginOutput, type StdoutFile, StdoutLine } from "../output/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import type { Address, ExitStatus, Runtime } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import type { Link } from "../transport/mod.ts";
import { describeExit, reworded, stderrEnd } from "./_failed_start.ts";
import { openHostSession } from "./_host_session.ts";
import type { PluginProcess } from "./_plugin_process.ts";
import type { StartPlan } from "./_start_plan.ts";
import { withStdioHint } from "./_stdio_hint.ts";
import { defaultStartTimeoutMs, type LaunchOptions } from "./options.ts";

/** With so many open files every runtime starts; 24 were enough for a small plugin on each. */
const fewFiles = 64;
const whatItIs = "a plugin is a program that calls serve()";

/** A plugin that was joined. */
export interface Joined {
  readonly session: RpcSession;
  readonly version: number;
  /** Where it listens; `undefined` over stdio. */
  readonly address: Address | undefined;
}

/** One start, from the running process to the session. */
export class Start {
  readonly #plan: StartPlan;
  readonly #process: PluginProcess;
  readonly #output: PluginOutput;
  readonly #options: LaunchOptions;
  readonly #runtime: Runtime;
  readonly #stdout: StdoutLine;
  /** Its line has come. */
  #spoke = false;

  /** @param file Where stdout comes from when it goes to a file, and stderr by itself. */
  constructor(
    plan: StartPlan,
    process: PluginProcess,
    output: PluginOutput,
    options: LaunchOptions,
    runtime: Runtime,
    file?: StdoutFile,
  ) {
    this.#plan = plan;
    this.#process = process;
    this.#output = output;
    this.#options = options;
    this.#runtime = runtime;
    if (file === undefined) output.readStderr(process.running.stderr);
    this.#stdout = new StdoutLine(
      file ?? process.running.stdio!,
      (bytes) => output.stdout(bytes),
      // What it prints comes another way where there is one, and ends there.
      () => {
        if (process.running.stdout === undefined) output.stdoutEnd();
      },
    );
    process.running.stdout?.start({ bytes: (chunk) => output.stdout(chunk), end: () => output.stdoutEnd() });
  }

  async run(): Promise<Joined> {
    const stop = Promise.withResolvers<never>();
    stop.promise.catch(() => {});
    const timeoutMs = this.#options.startTimeoutMs ?? defaultStartTimeoutMs;
    const timer = this.#runtime.setTimer(() => stop.reject(this.#timeout(timeoutMs)), timeoutMs, { keepAlive: true });
    const { signal } = this.#options;
    const onAbort = (): void => stop.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    const ended = this.#process.exited.then(async () => {
      await settledWithin(this.#output.ended, lastWordsMs, this.#runtime);
      throw this.#endedEarly();
    });
    ended.catch(() => {});
    const giveUp = new AbortController();
    const joining = this.#join(giveUp.signal);
    joining.catch(() => {});
    try {
      return await Promise.race([joining, stop.promise, ended]);
    } catch (error) {
      giveUp.abort(error);
      void joining.then(
        ({ session }) => session.destroy(),
        () => {},
      );
      throw await this.#betterError(error, ended);
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #join(signal: AbortSignal): Promise<Joined> {
    const line = await this.#stdout.line;
    this.#spoke = true;
    const address = this.#addressIn(line);
    const link = await this.#dial(address, signal);
    const session = await openHostSession(link, {
      runtime: this.#runtime,
      name: this.#plan.spec.name,
      options: this.#options,
      secret: this.#plan.secret,
      lineVersion: line.version,
      explain: (error) => this.#process.explain(error),
      log: this.#output.log,
    });
    await this.#process.joined();
    return { session, version: session.version, address };
  }

  #addressIn(line: HandshakeLine): Address | undefined {
    const address = lineAddress(line);
    const { runner, spec } = this.#plan;
    return address === undefined ? undefined : (runner.pluginToHost?.(address, spec) ?? address);
  }

  async #dial(address: Address | undefined, signal: AbortSignal): Promise<Link> {
    if (address !== undefined) return await this.#runtime.connect(address, { signal });
    const { spec, files } = this.#plan;
    if (files === undefined) return this.#stdout.asLink(`stdio of ${spec.name}`);
    throw new PluginError(ErrorCode.badHandshake, `plugin ${spec.name} wants to be reached by stdin, and has none`);
  }

  /** A connection that failed because the plugin was already on its way out is better told as that. */
  async #betterError(error: unknown, ended: Promise<never>): Promise<unknown> {
    // The reason of an abort is the caller's own, whatever it is.
    if (!(error instanceof PluginError) || error === this.#options.signal?.reason) return error;
    const mayBeEnd: readonly string[] = [
      ErrorCode.closed,
      ErrorCode.connectFailed,
      ErrorCode.badHandshake,
      ErrorCode.transport,
    ];
    if (!mayBeEnd.includes(error.code)) return this.#withStderr(error);
    if (!(await settledWithin(this.#process.exited, lastWordsMs, this.#runtime))) return this.#withStderr(error);
    return await ended.catch((end: unknown) => end);
  }

  #withStderr(error: PluginError): PluginError {
    const stderr = this.#output.stderrTail;
    if (error.code !== ErrorCode.closed) return withStdioHint(error, this.#plan.spec.transport).with({ stderr });
    const text = `plugin ${this.#plan.spec.name} closed the connection before it had said hello${stderrEnd(stderr)}`;
    return reworded(error, text, { stderr });
  }

  #endedEarly(): PluginError {
    const status = this.#process.status!;
    const { code, signal, exceeded } = status;
    const stderr = this.#output.stderrTail;
    const before = this.#spoke ? "before it had said hello" : "before it gave its handshake line";
    const met = this.#spoke ? "" : `; ${this.#stdout.printed}`;
    // Whoever ends well and said nothing took itself for another kind of program.
    const hint = !this.#spoke && code === 0 ? `; ${whatItIs}` : this.#hintOfLimits(status);
    const text = `plugin ${this.#plan.spec.name} ${describeExit(status, this.#plan.spec.resources)} ${before}${met}${hint}${stderrEnd(stderr)}`;
    return new PluginError(ErrorCode.exited, text, { exitCode: code, signal, exceeded, stderr });
  }

  /** What a runtime cannot start with it seldom says in words. */
  #hintOfLimits({ code, exceeded }: ExitStatus): string {
    const { openFiles } = this.#plan.spec.resources;
    if (openFiles === undefined || openFiles > fewFiles || exceeded !== undefined || code === 0) return "";
    return `; perhaps it cannot start with a limit of ${openFiles} open files (openFiles)`;
  }

  #timeout(timeoutMs: number): PluginError {
    const stderr = this.#output.stderrTail;
    const what = this.#spoke ? "accept the connection and say hello" : "give its handshake line";
    const met = this.#spoke ? "" : `; ${this.#stdout.printed}; ${whatItIs}`;
    const text = `plugin ${this.#plan.spec.name} did not ${what} within ${timeoutMs} ms (startTimeoutMs)${met}${stderrEnd(stderr)}`;
    return new PluginError(ErrorCode.timeout, text, { stderr });
  }
}
