import type { ChildProcess, ExitStatus, Runtime } from "../runtime/runtime.ts";

/** Time for a host to end by itself, in ms. */
const graceMs = 3_000;

/** The command after `--`: a host that is started anew with each new plugin. */
export class DevHost {
  readonly #command: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #runtime: Runtime;
  readonly #ended: (status: ExitStatus) => void;
  #child: ChildProcess | undefined;

  /** @param ended Told when it ends by itself. */
  constructor(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    { runtime, ended }: { readonly runtime: Runtime; readonly ended: (status: ExitStatus) => void },
  ) {
    this.#command = command;
    this.#env = env;
    this.#runtime = runtime;
    this.#ended = ended;
  }

  /** Ends the one that runs, and starts another. @throws PluginError when it cannot be started. */
  async restart(): Promise<void> {
    await this.end();
    const child = await this.#runtime.spawn({
      command: this.#command,
      env: this.#env,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
      // The terminal stays its own.
      ownSession: false,
    });
    this.#child = child;
    const undoExit = this.#runtime.onExit(() => child.kill("SIGTERM"));
    void child.exited.then((status) => {
      undoExit();
      child.release();
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#ended(status);
    });
  }

  /** Ends it. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const timer = this.#runtime.setTimer(() => child.kill("SIGKILL"), graceMs, { keepAlive: true });
    child.kill("SIGTERM");
    await child.exited;
    timer.cancel();
  }
}
