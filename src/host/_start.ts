import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type HandshakeLine, lineAddress } from "../handshake/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";
import { describeExit, reworded, stderrEnd } from "./_failed_start.ts";
import { openHostSession } from "./_host_session.ts";
import { lastWordsMs, type PluginOutput } from "./_plugin_output.ts";
import type { PluginProcess } from "./_plugin_process.ts";
import { settledWithin } from "./_settled_within.ts";
import type { StartPlan } from "./_start_plan.ts";
import { withStdioHint } from "./_stdio_hint.ts";
import { StdoutLine } from "./_stdout_line.ts";
import { defaultStartTimeoutMs, type LaunchOptions } from "./options.ts";

const whatItIs = "a plugin is a program that calls serve()";

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

  constructor(plan: StartPlan, process: PluginProcess, output: PluginOutput, options: LaunchOptions, runtime: Runtime) {
    this.#plan = plan;
    this.#process = process;
    this.#output = output;
    this.#options = options;
    this.#runtime = runtime;
    output.readStderr(process.running.stderr);
    this.#stdout = new StdoutLine(
      process.running.stdio!,
      (bytes) => output.stdout(bytes),
      // What it prints comes another way where there is one, and ends there.
      () => {
        if (process.running.stdout === undefined) output.stdoutEnd();
      },
    );
    process.running.stdout?.start({ bytes: (chunk) => output.stdout(chunk), end: () => output.stdoutEnd() });
  }

  async run(): Promise<{ session: RpcSession; version: number }> {
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

  async #join(signal: AbortSignal): Promise<{ session: RpcSession; version: number }> {
    const line = await this.#stdout.line;
    this.#spoke = true;
    const link = await this.#dial(line, signal);
    const session = await openHostSession(link, {
      runtime: this.#runtime,
      name: this.#plan.spec.name,
      options: this.#options,
      secret: this.#plan.secret,
      lineVersion: line.version,
      explain: (error) => this.#process.explain(error),
      log: this.#output.log,
    });
    await this.#process.removeDirectory();
    return { session, version: session.version };
  }

  async #dial(line: HandshakeLine, signal: AbortSignal): Promise<Link> {
    const address = lineAddress(line);
    if (address === undefined) return this.#stdout.asLink(`stdio of ${this.#plan.spec.name}`);
    const { runner, spec } = this.#plan;
    return await this.#runtime.connect(runner.pluginToHost?.(address, spec) ?? address, { signal });
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
    const { code, signal } = this.#process.status!;
    const stderr = this.#output.stderrTail;
    const before = this.#spoke ? "before it had said hello" : "before it gave its handshake line";
    const met = this.#spoke ? "" : `; ${this.#stdout.printed}`;
    // Whoever ends well and said nothing took itself for another kind of program.
    const hint = !this.#spoke && code === 0 ? `; ${whatItIs}` : "";
    const text = `plugin ${this.#plan.spec.name} ${describeExit({ code, signal })} ${before}${met}${hint}${stderrEnd(stderr)}`;
    return new PluginError(ErrorCode.exited, text, { exitCode: code, signal, stderr });
  }

  #timeout(timeoutMs: number): PluginError {
    const stderr = this.#output.stderrTail;
    const what = this.#spoke ? "accept the connection and say hello" : "give its handshake line";
    const met = this.#spoke ? "" : `; ${this.#stdout.printed}; ${whatItIs}`;
    const text = `plugin ${this.#plan.spec.name} did not ${what} within ${timeoutMs} ms (startTimeoutMs)${met}${stderrEnd(stderr)}`;
    return new PluginError(ErrorCode.timeout, text, { stderr });
  }
}
