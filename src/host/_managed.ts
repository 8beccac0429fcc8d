import { ErrorCode, PluginError } from "../errors/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { ExitStatus } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import { defaultGraceMs, type LaunchOptions } from "./options.ts";
import type { Plugin, StopOptions } from "./plugin.ts";

/** A plugin that `closeAll` stopped. */
export interface ClosedPlugin {
  /** What it was called. */
  readonly name: string;
  /** Its process's number; `undefined` when it had no process of its own. */
  readonly pid: number | undefined;
  /** How it ended. */
  readonly exit: ExitStatus;
}

/** Time beyond the grace in which a plugin is gone, in ms: SIGTERM, SIGKILL, and a slow system. */
const beyondGraceMs = 10_000;

/** One launch with `managed: true`, until its plugin has ended. */
interface Managed {
  readonly label: string;
  readonly graceMs: number;
  readonly giveUp: AbortController;
  /** Settles when the launch is over, with `undefined` when it failed. */
  readonly started: Promise<Plugin | undefined>;
}

const managed: Set<Managed> = new Set();
let closing: Promise<readonly ClosedPlugin[]> | undefined;

/**
 * Starts a plugin, and keeps it in mind for {@linkcode closeManaged} until it has ended or this host has let go of it.
 *
 * @param start Given the options with a signal of ours in place of the caller's.
 * @throws PluginError `closed` while those are being closed.
 */
export async function startManaged(
  entry: unknown,
  options: LaunchOptions,
  start: (options: LaunchOptions) => Promise<Plugin>,
): Promise<Plugin> {
  const { name: label = String(entry), graceMs = defaultGraceMs, signal } = options;
  if (closing !== undefined) {
    const text = `plugin ${label} is not launched: closeAll() is under way, and nothing would stop it (managed: true)`;
    throw new PluginError(ErrorCode.closed, text, { plugin: label, execution: "none" });
  }
  const giveUp = new AbortController();
  const onAbort = (): void => giveUp.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  const starting = start({ ...options, signal: giveUp.signal });
  // A launch that fails is its caller's to hear of.
  const started = starting.catch(() => undefined);
  const one: Managed = { label, graceMs, giveUp, started };
  managed.add(one);
  try {
    const plugin = await starting;
    const forget = (): boolean => managed.delete(one);
    // Whoever has awaited either finds it forgotten.
    void plugin.exited.then(forget);
    void plugin.released.then(forget);
    return plugin;
  } catch (error) {
    managed.delete(one);
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Stops what {@linkcode startManaged} keeps in mind; while it is at that, all get the same. @throws AggregateError */
export async function closeManaged(options: StopOptions): Promise<readonly ClosedPlugin[]> {
  closing ??= closeEach([...managed], options).finally(() => {
    closing = undefined;
  });
  return await closing;
}

async function closeEach(all: readonly Managed[], options: StopOptions): Promise<readonly ClosedPlugin[]> {
  const closed: ClosedPlugin[] = [];
  const errors: unknown[] = [];
  const names: string[] = [];
  for (const [index, outcome] of (await Promise.allSettled(all.map((one) => close(one, options)))).entries()) {
    if (outcome.status === "rejected") {
      errors.push(outcome.reason);
      names.push(all[index]!.label);
    } else if (outcome.value !== undefined) closed.push(outcome.value);
  }
  if (errors.length === 0) return closed;
  const text = `closeAll() could not stop ${errors.length} of ${all.length} plugins: ${names.join(", ")}`;
  throw new AggregateError(errors, text);
}

async function close(one: Managed, { graceMs = one.graceMs }: StopOptions): Promise<ClosedPlugin | undefined> {
  const { label } = one;
  const text = `plugin ${label} was still starting when closeAll() was called`;
  one.giveUp.abort(new PluginError(ErrorCode.closed, text, { plugin: label, execution: "none" }));
  const closed = stop(one, graceMs);
  const over = closed.catch(() => {});
  const boundMs = graceMs + beyondGraceMs;
  if (await settledWithin(over, boundMs, await detectRuntime())) return await closed;
  const late = `plugin ${label} could not be stopped within ${boundMs} ms`;
  throw new PluginError(ErrorCode.timeout, late, { plugin: label });
}

async function stop({ started }: Managed, graceMs: number): Promise<ClosedPlugin | undefined> {
  const plugin = await started;
  if (plugin === undefined) return undefined;
  const { name, pid } = plugin;
  return { name, pid, exit: await plugin.stop({ graceMs }) };
}
