import { ErrorCode, PluginError } from "../errors/mod.ts";
import { lastWordsMs, type PluginOutput } from "../output/mod.ts";
import type { Running, RunSpec } from "../runner/mod.ts";
import type { ExitStatus, Runtime } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import { exceededBy, mayHaveExceeded } from "./_exceeded.ts";
import { describeExit, stderrEnd } from "./_failed_start.ts";
import { withStdioHint } from "./_stdio_hint.ts";

/** Time between the end of a session and the exit that explains it, in ms. */
const exitAfterSessionMs = 500;
/** Time for a process to end once it was killed, in ms; the system may be slow, but it does not fail. */
const killedMs = 5_000;

/** Time for the rest of the output that is in files, in ms: nobody else can hold that up but who takes it. */
const lastFilesMs = 10_000;

/** What runs a plugin, and the directory of its socket: what has to be gone at the end. */
export class PluginProcess {
  readonly running: Running;
  /** Settles when it has ended. */
  readonly exited: Promise<ExitStatus>;
  readonly #spec: RunSpec;
  readonly #output: PluginOutput;
  readonly #runtime: Runtime;
  readonly #undoExit: () => void;
  #status: ExitStatus | undefined;
  #directory: string | undefined;

  constructor(running: Running, spec: RunSpec, output: PluginOutput, runtime: Runtime) {
    this.running = running;
    this.#spec = spec;
    this.#output = output;
    this.#runtime = runtime;
    this.#directory = spec.socketDirectory;
    this.exited = running.exited.then((status) => this.#onExit(status));
    // A host that ends without stopping its plugins takes them along.
    this.#undoExit = runtime.onExit(() => this.#killNow());
  }

  /** How it ended; `undefined` while it runs. */
  get status(): ExitStatus | undefined {
    return this.#status;
  }

  /** Says of a session that was lost how the process ended, if it did. */
  async explain(error: PluginError): Promise<PluginError> {
    const name = `plugin ${this.#spec.name}`;
    // What breaks the rules is the reason itself; an exit only follows from it.
    if (error.code !== ErrorCode.closed && error.code !== ErrorCode.transport) {
      const facts = { plugin: this.#spec.name, stderr: this.#output.stderrTail };
      return withStdioHint(error, this.#spec.transport).with(facts);
    }
    if (!(await settledWithin(this.exited, exitAfterSessionMs, this.#runtime))) {
      return error.with({ plugin: this.#spec.name, stderr: this.#output.stderrTail });
    }
    await settledWithin(this.#output.stderrEnd, lastWordsMs, this.#runtime);
    const status = this.#status!;
    const tail = this.#output.stderrTail;
    const text = `${name} ${describeExit(status, this.#spec.resources)}${tail === "" ? "" : stderrEnd(tail)}`;
    return new PluginError(ErrorCode.exited, text, {
      plugin: this.#spec.name,
      exitCode: status.code,
      signal: status.signal,
      exceeded: status.exceeded,
      stderr: tail,
      cause: error,
    });
  }

  /** It is joined: nobody else is to connect, unless it is to outlive this host. */
  async joined(): Promise<void> {
    if (this.#spec.diesWithHost) return await this.removeDirectory();
    this.#undoExit();
  }

  /** Lets go of one that lives on. */
  async letGo(): Promise<void> {
    this.#undoExit();
    await this.#release();
  }

  /** Removes the directory of the socket: nobody else is to connect. */
  async removeDirectory(): Promise<void> {
    const directory = this.#directory;
    if (directory === undefined) return;
    try {
      await this.#runtime.remove(directory);
      this.#directory = undefined;
    } catch (error) {
      // It is tried again when the plugin ends and when this process does; what it was for matters more.
      this.#output.log.warn("the directory of the plugin's socket could not be removed yet", { directory, error });
    }
  }

  /** Waits for the end by itself, then asks with SIGTERM, then kills; at last lets go of everything. */
  async end(waitMs: number, termMs: number): Promise<ExitStatus> {
    if (!(await settledWithin(this.exited, waitMs, this.#runtime))) {
      // With no time left there was none to end by itself in.
      if (waitMs > 0) this.#output.log.warn("the plugin did not end by itself in time; it gets SIGTERM", { waitMs });
      this.running.kill("SIGTERM");
      if (!(await settledWithin(this.exited, termMs, this.#runtime))) {
        this.#output.log.warn("the plugin did not heed SIGTERM; it is killed", { termMs });
      }
    }
    return await this.kill();
  }

  /** Kills what is left of it, and lets go of everything. */
  async kill(): Promise<ExitStatus> {
    this.running.kill("SIGKILL");
    await settledWithin(this.exited, killedMs, this.#runtime);
    await settledWithin(this.#output.ended, this.#spec.diesWithHost ? lastWordsMs : lastFilesMs, this.#runtime);
    await this.#release();
    await this.removeDirectory();
    if (this.#directory === undefined) this.#undoExit();
    return this.#status ?? { code: null, signal: "SIGKILL" };
  }

  /** Some limits are named by nothing but the last words. */
  async #onExit(status: ExitStatus): Promise<ExitStatus> {
    const { resources } = this.#spec;
    this.#status = status;
    if (!mayHaveExceeded(status, resources)) return status;
    await settledWithin(this.#output.stderrEnd, lastWordsMs, this.#runtime);
    const exceeded = exceededBy(status, resources, this.#output.stderrTail);
    if (exceeded !== undefined) this.#status = { ...status, exceeded };
    return this.#status;
  }

  async #release(): Promise<void> {
    const release = async (): Promise<void> => {
      try {
        await this.running.release();
      } catch (error) {
        this.#output.log.error("what is left of the plugin could not be removed", { error });
      }
    };
    await settledWithin(release(), killedMs, this.#runtime);
  }

  #killNow(): void {
    // Once it has ended its number may be another's.
    if (this.#status === undefined) this.running.kill("SIGKILL");
    if (this.#directory !== undefined) this.#runtime.removeNow(this.#directory);
  }
}
