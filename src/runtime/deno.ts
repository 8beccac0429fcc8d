import { ErrorCode } from "../errors/mod.ts";
import { commonRuntime } from "./_common.ts";
import { openDescriptor } from "./_stdio.ts";
import { systemError } from "./_system_errors.ts";
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
    redirectOwn,
  });
}
