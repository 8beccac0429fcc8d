import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type HandshakeLine, lineAddress } from "../handshake/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import type { ChildProcess, Runtime } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";
import { describeExit, explainFailedStart, stderrEnd } from "./_failed_start.ts";
import { openHostSession } from "./_host_session.ts";
import { logSinkFrom } from "./_log_sink.ts";
import { withParentDeathSignal } from "./_parent_death.ts";
import { PluginOutput } from "./_plugin_output.ts";
import { PluginProcess } from "./_plugin_process.ts";
import { ProcessPlugin } from "./_process_plugin.ts";
import { settledWithin } from "./_settled_within.ts";
import { planStart, type StartPlan } from "./_start_plan.ts";
import { StdoutLine } from "./_stdout_line.ts";
import { defaultStartTimeoutMs, type LaunchOptions } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** Time for the last of stderr after the plugin's end, in ms: something else may hold it open. */
const lastWordsMs = 200;

/** Starts a plugin's process, reads its line, joins it. Whatever fails, nothing is left. */
export async function startPlugin(
  entry: URL | string | readonly string[],
  options: LaunchOptions,
  runtime: Runtime,
): Promise<Plugin> {
  options.signal?.throwIfAborted();
  const plan = await planStart(entry, options, runtime);
  const output = new PluginOutput(plan.name, logSinkFrom(options.log, runtime), options);
  let child: ChildProcess;
  try {
    child = await runtime.spawn({
      command: await withParentDeathSignal(plan.command.argv, runtime),
      cwd: options.cwd,
      env: plan.env,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      ownSession: true,
    });
  } catch (error) {
    if (plan.directory !== undefined) await runtime.remove(plan.directory);
    throw await explainFailedStart(
      PluginError.from(error, ErrorCode.startFailed).with({ plugin: plan.name, execution: "none" }),
      plan,
      runtime,
    );
  }
  const process = new PluginProcess(child, plan, output, runtime);
  const start = new Start(plan, process, output, options, runtime);
  try {
    const { session, version } = await start.run();
    return new ProcessPlugin({ session, process, plan, output, runtime, options, version });
  } catch (error) {
    await process.kill();
    if (!(error instanceof PluginError)) throw error;
    throw await explainFailedStart(error.with({ plugin: plan.name, execution: "none" }), plan, runtime);
  }
}

/** One start, from the running process to the session. */
class Start {
  readonly #plan: StartPlan;
  readonly #process: PluginProcess;
  readonly #output: PluginOutput;
  readonly #options: LaunchOptions;
  readonly #runtime: Runtime;
  readonly #stdout: StdoutLine;
  #step = "print its handshake line";

  constructor(plan: StartPlan, process: PluginProcess, output: PluginOutput, options: LaunchOptions, runtime: Runtime) {
    this.#plan = plan;
    this.#process = process;
    this.#output = output;
    this.#options = options;
    this.#runtime = runtime;
    output.readStderr(process.child.stderr);
    this.#stdout = new StdoutLine(
      process.child.stdio!,
      (bytes) => output.stdout(bytes),
      () => output.stdoutEnd(),
    );
  }

  async run(): Promise<{ session: RpcSession; version: number }> {
    const stop = Promise.withResolvers<never>();
    stop.promise.catch(() => {});
    const timeoutMs = this.#options.startTimeoutMs ?? defaultStartTimeoutMs;
    const timer = this.#runtime.setTimer(() => stop.reject(this.#timeout(timeoutMs)), timeoutMs, { keepAlive: true });
    const { signal } = this.#options;
    const onAbort = (): void => stop.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const ended = this.#process.exited.then(async () => {
      await settledWithin(this.#output.stderrEnd, lastWordsMs, this.#runtime);
      throw this.#endedEarly();
    });
    ended.catch(() => {});
    const joining = this.#join();
    joining.catch(() => {});
    try {
      return await Promise.race([joining, stop.promise, ended]);
    } catch (error) {
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

  async #join(): Promise<{ session: RpcSession; version: number }> {
    const line = await this.#stdout.line;
    this.#step = "accept the connection and say hello";
    const link = await this.#dial(line);
    const session = await openHostSession(link, {
      runtime: this.#runtime,
      name: this.#plan.name,
      options: this.#options,
      secret: this.#plan.secret,
      explain: (error) => this.#process.explain(error),
    });
    await this.#process.removeDirectory();
    return { session, version: session.peerHello.version ?? line.version };
  }

  async #dial(line: HandshakeLine): Promise<Link> {
    const address = lineAddress(line);
    if (address === undefined) return this.#stdout.asLink(`stdio of ${this.#plan.name}`);
    return await this.#runtime.connect(address, { signal: this.#options.signal });
  }

  /** A connection that failed because the plugin was already on its way out is better told as that. */
  async #betterError(error: unknown, ended: Promise<never>): Promise<unknown> {
    if (!(error instanceof PluginError)) return error;
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
    return error.with({ stderr: this.#output.stderrTail });
  }

  #endedEarly(): PluginError {
    const { status } = this.#process;
    const printed = this.#step.startsWith("print")
      ? ` before its handshake line; ${this.#stdout.noLine().message.split(": ")[1] ?? ""}`
      : " before it had said hello";
    const text = `plugin ${this.#plan.name} ${describeExit(status!)}${printed}${stderrEnd(this.#output.stderrTail)}`;
    const facts = { exitCode: status!.code, signal: status!.signal, stderr: this.#output.stderrTail };
    return new PluginError(ErrorCode.exited, text, facts);
  }

  #timeout(timeoutMs: number): PluginError {
    const { message } = this.#stdout.noLine();
    const met = this.#step.startsWith("print") ? `: ${message}` : "";
    const text = `plugin ${this.#plan.name} did not ${this.#step} within ${timeoutMs} ms (startTimeoutMs)${met}${stderrEnd(this.#output.stderrTail)}`;
    return new PluginError(ErrorCode.timeout, text, { stderr: this.#output.stderrTail });
  }
}
