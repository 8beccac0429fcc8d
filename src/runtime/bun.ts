import fs from "node:fs";
import net from "node:net";
import { type BunSpawning, passOnLiveEnvironment } from "./_bun_environment.ts";
import { endOnUncaught } from "./_bun_uncaught.ts";
import { commonRuntime, plainSpawning } from "./_common.ts";
import type { Runtime } from "./runtime.ts";

/** The parts of Bun's own interface in use, so that the types of Bun are not needed to check this. */
interface BunOwn extends BunSpawning {
  readonly version: string;
  readonly main: string;
  readonly stderr: unknown;
  inspect(value: unknown): string;
  stdout: unknown;
}

function own(): BunOwn {
  return (globalThis as unknown as { Bun: BunOwn }).Bun;
}

/** `net.Socket({ fd })` throws on Bun. What it connects instead reads with `recv`, which takes only sockets. */
function openDescriptor(fd: number): net.Socket | undefined {
  if (!fs.fstatSync(fd).isSocket()) return undefined;
  return net.connect({ fd, allowHalfOpen: true } as unknown as net.NetConnectOpts);
}

function redirectOwn(): void {
  own().stdout = own().stderr;
  const write = (...data: (string | Uint8Array)[]): number => {
    for (const each of data) process.stderr.write(each);
    return data.reduce((sum, each) => sum + each.length, 0);
  };
  Reflect.set(console, "write", write);
}

/**
 * The adapter for Bun.
 *
 * @example
 * ```ts
 * import { createRuntime } from "@plugwire/plugwire/bun";
 * console.log(createRuntime().name); // "bun"
 * ```
 */
export function createRuntime(): Runtime {
  return commonRuntime({
    name: "bun",
    version: own().version,
    // Where Bun mounts what is embedded in a compiled program.
    compiled: () => own().main.startsWith("/$bunfs/") || own().main.startsWith("B:/~BUN"),
    env: (name) => process.env[name],
    environment: () => ({ ...process.env }) as Record<string, string>,
    uid: () => process.getuid?.(),
    openDescriptor,
    spawning: plainSpawning,
    redirectOwn,
    forgetForChildren: () => passOnLiveEnvironment(own()),
    endOnUncaught: () => endOnUncaught((value) => own().inspect(value)),
  });
}
