import childProcess from "node:child_process";
import fs from "node:fs";
import { type Readable, Writable } from "node:stream";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Link } from "../transport/link.ts";
import { findExecutable } from "./_files.ts";
import { Inlet } from "./_inlet.ts";
import { openDescriptor } from "./_open_file.ts";
import { spawnError } from "./_spawn_error.ts";
import { StreamLink } from "./_stream_link.ts";
import { errnoOf } from "./_system_errors.ts";
import type { ByteSource, ChildProcess, ExitStatus, SpawnOptions, StdioMode } from "./runtime.ts";

const stdioOf = { pipe: "pipe", null: "ignore", inherit: "inherit" } as const;

/** What differs between the runtimes when a process is started. */
export interface Spawning {
  /** How to spell the absolute path of an executable so that the runtime runs it as it stands. */
  spell(executable: string): string;
  /** Sends a signal to a child that has not ended. */
  kill(child: childProcess.ChildProcess, signal: string): void;
  /** True where files may be looked at without asking anybody. */
  mayLook(): boolean;
  /** True where this executable may be run without asking anybody. */
  mayRun(executable: string): boolean;
}

/** Starts a process through `node:child_process`. */
export async function spawn(options: SpawnOptions, own: Spawning, searchPath: () => string): Promise<ChildProcess> {
  const [name = "", ...args] = options.command;
  if (name === "") throw new TypeError("a command must name what to run: command[0] is empty");
  let child: childProcess.ChildProcess;
  const files: number[] = [];
  const stdio = (mode: StdioMode): "pipe" | "ignore" | "inherit" | number => {
    if (typeof mode === "string") return stdioOf[mode];
    const fd = openDescriptor(mode.file, "append");
    files.push(fd);
    return fd;
  };
  try {
    const executable = own.mayLook() ? await locate(name, options, searchPath) : name;
    child = childProcess.spawn(own.spell(executable), args, {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: [stdio(options.stdin), stdio(options.stdout), stdio(options.stderr)],
      detached: options.ownSession,
      windowsHide: true,
    });
  } catch (error) {
    // Bun throws ENOEXEC, and Deno a missing permission, where Node emits an error.
    throw await spawnError(options, error, own.mayLook());
  } finally {
    // The child has its own by now.
    for (const fd of files) fs.closeSync(fd);
  }
  const running = new RunningChild(child, options.ownSession, own);
  try {
    await started(child);
  } catch (error) {
    running.release();
    throw await spawnError(options, error, own.mayLook());
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
  readonly #own: Spawning;
  #ended = false;

  constructor(child: childProcess.ChildProcess, ownSession: boolean, own: Spawning) {
    this.#child = child;
    this.#own = own;
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
    this.#own.kill(this.#child, signal);
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
    // One that never started has nothing to let go of, and on Deno unref throws then.
    if (this.#child.pid !== undefined) this.#child.unref();
  }
}
