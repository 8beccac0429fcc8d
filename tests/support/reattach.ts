/** What tests of plugins that outlive their hosts share: hosts as programs, and what is left of a plugin. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { type LaunchOptions, launch, type Plugin, type ReattachInfo } from "../../mod.ts";
import { gone } from "./life.ts";
import { runtimeCommand, type TestRuntime } from "./runtimes.ts";

/** The plugin of these tests. */
export const lastingPlugin = new URL("../fixtures/reattach/plugin.ts", import.meta.url);

/** Launches it so that it outlives its host. */
export function launchLasting(options: LaunchOptions = {}): Promise<Plugin> {
  return launch(lastingPlugin, { log: false, reattach: { lingerMs: 20_000 }, ...options });
}

/** A host program that was started. */
export interface HostProgram {
  readonly child: ChildProcess;
  /** What it printed when it was that far. */
  readonly said: {
    readonly plugin: number;
    readonly count: number;
    readonly detachMs?: number;
    readonly released?: string;
  };
  /** Settles when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts `tests/fixtures/reattach/host.ts`, and waits until it is that far. */
export async function startHost(
  host: TestRuntime,
  plugin: TestRuntime,
  file: string,
  next: "stream" | "detach" | "exit" | "attach",
  lingerMs = 20_000,
): Promise<HostProgram> {
  const script = new URL("../fixtures/reattach/host.ts", import.meta.url);
  const [command = "", ...args] = runtimeCommand(host, script, plugin, file, next, String(lingerMs));
  const env = { ...process.env, PATH: `${path.dirname(command)}:${process.env.PATH}` };
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  let errors = "";
  child.stderr!.on("data", (chunk) => {
    errors += chunk;
  });
  let text = "";
  for await (const chunk of child.stdout!) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  assert.ok(text.includes("\n"), `the host ended before it was that far: ${errors}`);
  return { child, said: JSON.parse(text), ended };
}

/** Runs something with a directory of its own, which is gone afterwards. */
export async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), "reattach-test-"));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The directory of a plugin's socket. */
export function directoryOf({ address }: ReattachInfo): string {
  assert.equal(address.network, "unix");
  return path.dirname((address as { readonly path: string }).path);
}

/** Waits until neither a process nor a file of a plugin is left. */
export async function leftNothing(info: ReattachInfo): Promise<void> {
  await gone(info.pid, 15_000);
  assert.ok(!existsSync(directoryOf(info)), "the directory of the plugin's socket and output is left");
}

/** Ends a plugin whose test failed before it did so. */
export function killLeft(info: ReattachInfo | undefined): void {
  if (info === undefined) return;
  try {
    process.kill(info.pid, "SIGKILL");
  } catch {
    // It has ended, as it should.
  }
  rmSync(directoryOf(info), { recursive: true, force: true });
}
