import childProcess from "node:child_process";
import { type Readable, Writable } from "node:stream";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Link } from "../transport/link.ts";
import { findExecutable } from "./_files.ts";
import { Inlet } from "./_inlet.ts";
import { spawnError } from "./_spawn_error.ts";
import { StreamLink } from "./_stream_link.ts";
import { errnoOf } from "./_system_errors.ts";
import type { ByteSource, ChildProcess, ExitStatus, SpawnOptions } from "./runtime.ts";

const stdioOf = { pipe: "pipe", null: "ignore", inherit: "inherit" } as const;

/** Starts a process through `node:child_process`. */
export async function spawn(options: SpawnOptions, searchPath: () => string): Promise<ChildProcess> {
  const [name = "", ...args] = options.command;
  if (name === "") throw new TypeError("a command must name what to run: command[0] is empty");
  let child: childProcess.ChildProcess;
  try {
    child = childProcess.spawn(await locate(name, options, searchPath), args, {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: [stdioOf[options.stdin], stdioOf[options.stdout], stdioOf[options.stderr]],
      detached: options.ownSession,
      windowsHide: true,
    });
  } catch (error) {
    // Bun throws ENOEXEC, and Deno a missing permission, where Node emits an error.
    throw await spawnError(options, error);
  }
  const running = new RunningChild(child, options.ownSession);
  try {
    await started(child);
  } catch (error) {
    running.release();
    throw await spawnError(options, error);
  }
  return running;
}

/**
 * Looks the name up as a shell would, in the child's PATH and else in ours. Left to the runtimes each does it in
 * its own way.
 */
async function locate(name: string, options: SpawnOptions, searchPath: () => string): Promise<string> {
  if (name.includes("/") || process.platform === "win32") return name;
  // What is not found may still be there for the system: a runtime may not be permitted to look.
  return (await findExecutable(name, options.env.PATH ?? searchPath())) ?? name;
}

function started(child: childProcess.ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

/** The sending half of a link to a child whose stdin is not a pipe. */
function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() }).end();
}

class RunningChild implements ChildProcess {
  readonly stdio: Link | undefined;
  readonly stderr: ByteSource | undefined;
  readonly exited: Promise<ExitStatus>;
  readonly #child: childProcess.ChildProcess;
  readonly #ownSession: boolean;
  #ended = false;

  constructor(child: childProcess.ChildProcess, ownSession: boolean) {
    this.#child = child;
    this.#ownSession = ownSession;
    // A failed kill is reported as an event too, which without a listener would end the host.
    child.on("error", () => {});
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#ended = true;
        resolve({ code: signal === null ? code : null, signal });
      });
    });
    const { stdin, stdout, stderr } = child;
    for (const stream of [stdin, stdout, stderr]) stream?.on("error", () => {});
    if (stdout) this.stdio = new StreamLink(`stdio of process ${child.pid}`, stdout, stdin ?? nowhere());
    if (stderr) this.stderr = new Inlet(stderr as Readable);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(signal: string): void {
    if (this.#ended) return;
    this.#child.kill(signal as NodeJS.Signals);
  }

  killGroup(signal: string): void {
    if (!this.#ownSession || process.platform === "win32") {
      this.kill(signal);
      return;
    }
    try {
      process.kill(-this.pid, signal as NodeJS.Signals);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === "ESRCH") return;
      // Not permitted to signal a group (Deno wants all of --allow-run for it): at least the process itself.
      if (errno === "EPERM") {
        this.kill(signal);
        return;
      }
      throw new PluginError(ErrorCode.internal, `cannot send ${signal} to process group ${this.pid}`, {
        errno,
        cause: error,
      });
    }
  }

  release(): void {
    this.stdio?.destroy();
    this.stderr?.destroy();
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.unref();
  }
}
