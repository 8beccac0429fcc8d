import tty from "node:tty";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { asyncContext } from "./_context.ts";
import * as files from "./_files.ts";
import { openFile } from "./_open_file.ts";
import { processStart, signalProcess } from "./_other_process.ts";
import type { Spawning } from "./_process.ts";
import { onExit, onSignal } from "./_process_events.ts";
import { runNow } from "./_run_now.ts";
import { checkAddress, connect, listen } from "./_sockets.ts";
import * as stdio from "./_stdio.ts";
import { errnoOf } from "./_system_errors.ts";
import { setTimer } from "./_timers.ts";
import type { Runtime, RuntimeName } from "./runtime.ts";

/** What differs between the runtimes, beside what their `node:` modules do alike. */
export interface Particulars {
  readonly name: RuntimeName;
  readonly version: string;
  /** Tells whether this is a program compiled to a single binary. */
  compiled(): boolean;
  /** In Electron: what runs scripts. */
  electronExecPath?(): string | undefined;
  /** A variable of the environment; `undefined` too where it may not be read. */
  env(name: string): string | undefined;
  environment(): Record<string, string>;
  uid(): number | undefined;
  readonly openDescriptor: stdio.OpenDescriptor;
  readonly spawning: Spawning;
  /** Redirects what of the runtime's own prints to stdout. */
  redirectOwn(): void;
  /** Sees to it that variables which were removed are not passed on to children. */
  forgetForChildren(): void;
  /** Ends the process on an error that nobody takes, where the runtime does not by itself. */
  endOnUncaught(): void;
}

/**
 * A runtime made of the `node:` modules that all three have. Nothing of the system is touched before it is asked
 * for: Deno may have been given no permission for it. `process` is the global one, because importing
 * `node:process` makes Node open all three standard streams.
 */
export function commonRuntime(own: Particulars): Runtime {
  const env = (name: string): string | undefined => own.env(name);
  const tempDirectory = (): string => {
    const named = env("TMPDIR") ?? env("TMP") ?? env("TEMP") ?? "/tmp";
    return named.length > 1 && named.endsWith("/") ? named.slice(0, -1) : named;
  };
  return {
    name: own.name,
    version: own.version,
    get pid() {
      return process.pid;
    },
    get os() {
      return process.platform === "win32" ? "windows" : process.platform;
    },
    get arch() {
      return process.arch;
    },
    get execPath() {
      return process.execPath;
    },
    get electronExecPath() {
      return own.electronExecPath?.();
    },
    get mainScript() {
      return process.argv[1];
    },
    get args() {
      return process.argv.slice(2);
    },
    get compiled() {
      return own.compiled();
    },
    cwd: () => workingDirectory(),
    get tempDirectory() {
      return tempDirectory();
    },

    env,
    environment: () => own.environment(),
    forgetEnv: (names) => {
      forgetEnv(names);
      own.forgetForChildren();
    },
    uid: () => own.uid(),

    spawn: async (options) => {
      // Plugins seldom start processes; they need not pay for loading it.
      const { spawn } = await import("./_process.ts");
      return spawn(options, own.spawning, () => env("PATH") ?? "");
    },
    runNow,
    startWorker: async (options) => {
      const { startWorker } = await import("./_worker_thread.ts");
      return startWorker(options, own.name === "deno");
    },
    isAlive,
    processStart,
    signalProcess,
    checkAddress,
    listen,
    connect,
    ownStdio: () => {
      const link = stdio.ownStdio(own.openDescriptor);
      own.redirectOwn();
      return link;
    },
    ownStdin: stdio.ownStdin,
    onStdinEnd: (callback) => stdio.onStdinEnd(own.openDescriptor, callback),
    writeStdout: stdio.writeStdout,
    writeStderr: stdio.writeStderr,
    print: stdio.print,
    stdoutIsTerminal: () => tty.isatty(1),
    stderrIsTerminal: () => tty.isatty(2),

    makePrivateDirectory: (prefix, parent = tempDirectory()) => files.makePrivateDirectory(prefix, parent),
    remove: files.remove,
    removeNow: files.removeNow,
    list: files.list,
    stat: files.stat,
    readHead: files.readHead,
    writePrivate: files.writePrivate,
    readText: files.readText,
    appendPrivate: files.appendPrivate,
    watchDirectory: files.watchDirectory,
    openFile,
    freeDisk: async (target, offset, length) => {
      const { freeDisk } = await import("./_free_disk.ts");
      return freeDisk({ target, offset, length }, own.spawning, () => env("PATH") ?? "");
    },
    findExecutable: (name, path = env("PATH") ?? "") => files.findExecutable(name, path),

    endOnUncaught: once(() => own.endOnUncaught()),
    onSignal,
    onExit,
    exit: (code) => process.exit(code),

    asyncContext,
    setTimer,
  };
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    run();
  };
}

/** How Node, and Bun like it, starts processes. */
export const plainSpawning: Spawning = {
  spell: (executable) => executable,
  kill: (child, signal) => {
    child.kill(signal as NodeJS.Signals);
  },
  mayLook: () => true,
  mayRun: () => true,
};

function forgetEnv(names: readonly string[]): void {
  for (const name of names) delete process.env[name];
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ESRCH") return false;
    // It is there, and somebody else's.
    if (errno === "EPERM") return true;
    throw new PluginError(ErrorCode.internal, `cannot tell whether process ${pid} exists`, { errno, cause: error });
  }
}

function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    // It was removed, or Deno may not read it.
    return undefined;
  }
}
