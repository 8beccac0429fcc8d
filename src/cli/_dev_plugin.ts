import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type DebuggedPlugin, parseDebuggedLine } from "../handshake/mod.ts";
import type { ChildProcess, ExitStatus, Runtime } from "../runtime/runtime.ts";

/** Time for a plugin to end by itself, in ms. */
const graceMs = 2_000;
/** Longer lines are no line of a plugin's. */
const maxLineUnits = 16_384;

/** What a {@linkcode DevPlugin} is started with. */
export interface DevPluginOptions {
  readonly command: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
}

/** One run of a plugin under `plugwire dev`. What it prints goes through. */
export class DevPlugin {
  readonly exited: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  readonly #runtime: Runtime;
  readonly #undoExit: () => void;
  readonly #place: PromiseWithResolvers<DebuggedPlugin> = Promise.withResolvers();
  readonly #decoder: TextDecoder = new TextDecoder();
  /** Of stdout, the line that has not ended yet; `undefined` once the place is known. */
  #line: string | undefined = "";
  /** An empty line has come, which belongs to the line of the place if that is the next. */
  #hasEmpty = false;
  #ending: Promise<void> | undefined;

  static async start({ command, cwd, env }: DevPluginOptions, runtime: Runtime): Promise<DevPlugin> {
    const child = await runtime.spawn({
      command,
      cwd,
      env,
      // Its end is the plugin's sign that nobody is there any more.
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
      ownSession: true,
    });
    return new DevPlugin(child, runtime);
  }

  private constructor(child: ChildProcess, runtime: Runtime) {
    this.#child = child;
    this.#runtime = runtime;
    this.exited = child.exited;
    this.#undoExit = runtime.onExit(() => child.killGroup("SIGKILL"));
    this.#place.promise.catch(() => {});
    child.stdio?.start({
      bytes: (chunk) => this.#print(this.#decoder.decode(chunk, { stream: true })),
      end: () => {
        this.#printEmpty();
        if (this.#line) runtime.writeStdout(this.#line);
      },
      drain: () => {},
      closed: () => {},
    });
    void child.exited.then(({ code, signal }) => {
      const how = signal === null ? `exit code ${code}` : signal;
      this.#place.reject(new PluginError(ErrorCode.exited, `the plugin ended before it could serve (${how})`));
    });
  }

  /** Where it listens, once it does. @throws PluginError `exited`, `timeout`. */
  async place(timeoutMs: number): Promise<DebuggedPlugin> {
    const late = (): void =>
      this.#place.reject(
        new PluginError(ErrorCode.timeout, `the plugin did not call serve() within ${timeoutMs} ms (--start-timeout)`),
      );
    const timer = this.#runtime.setTimer(late, timeoutMs, { keepAlive: true });
    try {
      return await this.#place.promise;
    } finally {
      timer.cancel();
    }
  }

  /** Has it end. @param signal `SIGHUP` when another one takes its place: its hosts are told so. */
  end(signal: "SIGHUP" | "SIGTERM"): Promise<void> {
    this.#ending ??= this.#end(signal);
    return this.#ending;
  }

  async #end(signal: "SIGHUP" | "SIGTERM"): Promise<void> {
    const timer = this.#runtime.setTimer(() => this.#child.killGroup("SIGKILL"), graceMs, { keepAlive: true });
    this.#child.kill(signal);
    await this.#child.exited;
    timer.cancel();
    // What it has started and left.
    this.#child.killGroup("SIGKILL");
    this.#child.release();
    this.#undoExit();
  }

  #print(text: string): void {
    if (this.#line === undefined) return this.#runtime.writeStdout(text);
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    for (const [index, line] of lines.entries()) {
      const found = Object.values(placeIn(line) ?? {})[0];
      if (found === undefined) {
        this.#printEmpty();
        if (line === "") this.#hasEmpty = true;
        else this.#runtime.writeStdout(`${line}\n`);
        continue;
      }
      this.#place.resolve(found);
      const rest = [...lines.slice(index + 1), this.#line].join("\n");
      this.#line = undefined;
      if (rest !== "") this.#runtime.writeStdout(rest);
      return;
    }
    if (this.#line.length <= maxLineUnits) return;
    this.#printEmpty();
    this.#runtime.writeStdout(this.#line);
    this.#line = "";
  }

  #printEmpty(): void {
    if (this.#hasEmpty) this.#runtime.writeStdout("\n");
    this.#hasEmpty = false;
  }
}

/** A line of the plugin's own that only looks like it is printed as any other. */
function placeIn(line: string): Readonly<Record<string, DebuggedPlugin>> | undefined {
  try {
    return parseDebuggedLine(line);
  } catch (error) {
    if (error instanceof PluginError) return undefined;
    throw error;
  }
}
