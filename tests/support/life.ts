/** What tests of whole plugins share: programs that behave in one way each, records that can be waited for, leak counts. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { type LogRecord, type LogSink, PluginError } from "../../mod.ts";
import { countResources, resourcesBackTo } from "./resources.ts";
import { until } from "./until.ts";

/** A program of `tests/fixtures/life/`. */
export function program(name: string): URL {
  return new URL(`../fixtures/life/${name}`, import.meta.url);
}

/** Its path. */
export function programPath(name: string): string {
  return fileURLToPath(program(name));
}

/** The PluginError that a promise rejects with. */
export async function pluginError(promise: Promise<unknown>): Promise<PluginError> {
  const error = await promise.then(
    () => assert.fail("it should have failed"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof PluginError, `a PluginError, not ${String(error)}`);
  return error;
}

/** Collects log records, which can be waited for. */
export class Records {
  readonly all: LogRecord[] = [];
  readonly #waiting: Set<() => void> = new Set();

  readonly sink: LogSink = (record) => {
    this.all.push(record);
    for (const look of [...this.#waiting]) look();
  };

  /** The first record that fits, now or later. */
  async find(fits: (record: LogRecord) => boolean, withinMs = 10_000): Promise<LogRecord> {
    const found = Promise.withResolvers<LogRecord>();
    const look = (): void => {
      const record = this.all.find(fits);
      if (record !== undefined) found.resolve(record);
    };
    this.#waiting.add(look);
    const timer = setTimeout(() => found.reject(new Error(`no such record; there are ${this.text()}`)), withinMs);
    look();
    try {
      return await found.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  /** The first record with this message. */
  message(message: string): Promise<LogRecord> {
    return this.find((record) => record.message === message);
  }

  text(): string {
    return this.all.map(({ level, source, message }) => `${level} ${source}: ${message.slice(0, 200)}`).join("\n");
  }
}

/** Names of the directories that launches of this process have made. */
export function launchDirectories(pid: number = process.pid): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`plugwire-${pid}-`));
}

/** Runs something and checks that no process, pipe, socket or directory of it is left. */
export async function leavesNothing(run: () => Promise<void>): Promise<void> {
  const before = countResources();
  const directories = launchDirectories();
  await run();
  const after = await resourcesBackTo(before);
  assert.ok(after.children <= before.children, `${after.children} children, ${before.children} before`);
  assert.ok(
    after.descriptors <= before.descriptors,
    `${after.descriptors} sockets and pipes, ${before.descriptors} before`,
  );
  assert.deepEqual(launchDirectories(), directories, "a directory of a launch was left behind");
}

/** How long something takes, in ms. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

/** True while a process exists that is more than an exit status. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const state = stat.slice(stat.lastIndexOf(")") + 2)[0];
    return state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}

/** Waits until a process is gone, by looking at it. */
export async function gone(pid: number, withinMs = 5_000): Promise<void> {
  await until(`process ${pid} is gone`, () => !isRunning(pid), withinMs);
}
