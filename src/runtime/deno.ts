import { ErrorCode } from "../errors/mod.ts";
import { commonRuntime } from "./_common.ts";
import type { Spawning } from "./_process.ts";
import { openDescriptor } from "./_stdio.ts";
import { errnoOf, systemError } from "./_system_errors.ts";
import type { Runtime } from "./runtime.ts";

/** The parts of Deno's own interface in use, so that the types of Deno are not needed to check this. */
interface DenoOwn {
  readonly version: { readonly deno: string };
  readonly build: { readonly standalone: boolean };
  readonly env: { get(name: string): string | undefined; toObject(): Record<string, string> };
  readonly permissions: { querySync(descriptor: Record<string, string>): { readonly state: string } };
  readonly stdout: object;
  readonly stderr: { write(bytes: Uint8Array): Promise<number>; writeSync(bytes: Uint8Array): number };
  uid(): number | null;
}

function own(): DenoOwn {
  return (globalThis as unknown as { Deno: DenoOwn }).Deno;
}

/** Asks before it reads, so that a program run from a terminal is not interrupted by a question to its user. */
function granted(descriptor: Record<string, string>): boolean {
  return own().permissions.querySync(descriptor).state === "granted";
}

function environment(): Record<string, string> {
  try {
    return own().env.toObject();
  } catch (error) {
    throw systemError(ErrorCode.startFailed, "cannot read the environment (deno run --allow-env permits it)", error);
  }
}

function redirectOwn(): void {
  const { stdout, stderr } = own();
  Object.defineProperties(stdout, {
    write: { value: (bytes: Uint8Array) => stderr.write(bytes), configurable: true },
    writeSync: { value: (bytes: Uint8Array) => stderr.writeSync(bytes), configurable: true },
    writable: { get: () => Reflect.get(stderr, "writable"), configurable: true },
    close: { value: () => {}, configurable: true },
  });
}

const spawning: Spawning = {
  // Given its own executable, Deno's child_process takes the arguments for those of Node and grants the child
  // everything, `run` without a permission flag included (denoland/deno#35443). It compares the path as a string.
  spell: (executable) => (executable === process.execPath ? executable.replace(/[^/]*$/, "./$&") : executable),
  kill: (child, signal) => {
    try {
      // After its own `kill`, child_process reports that signal however the child really ends.
      process.kill(child.pid!, signal as NodeJS.Signals);
    } catch (error) {
      // Signals by pid want all of --allow-run.
      if (errnoOf(error) === "EPERM") child.kill(signal as NodeJS.Signals);
      else if (errnoOf(error) !== "ESRCH") throw error;
    }
  },
  mayLook: () => granted({ name: "read" }),
  mayRun: (executable) => granted({ name: "run", command: executable }),
};

/**
 * The adapter for Deno.
 *
 * @example
 * ```ts
 * import { createRuntime } from "@plugwire/plugwire/deno";
 * console.log(createRuntime().name); // "deno"
 * ```
 */
export function createRuntime(): Runtime {
  return commonRuntime({
    name: "deno",
    version: own().version.deno,
    compiled: () => own().build.standalone === true,
    env: (name) => (granted({ name: "env", variable: name }) ? own().env.get(name) : undefined),
    environment,
    uid: () => (granted({ name: "sys", kind: "uid" }) ? (own().uid() ?? undefined) : undefined),
    openDescriptor,
    spawning,
    redirectOwn,
    forgetForChildren: () => {},
    endOnUncaught: () => {},
  });
}
