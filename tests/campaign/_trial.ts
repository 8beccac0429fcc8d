import { errorOrigin, type LaunchOptions, launch, PluginError, withOptions } from "../../mod.ts";
import type { Random } from "../support/wire_random.ts";
import { target } from "./_contracts.ts";

/** Longest time for a start, in ms, where nothing else is said. */
const defaultStartMs = 3_000;
/** Longest time for a call, in ms, where nothing else is said. */
const defaultCallMs = 1_500;
/** What the limits leave to a machine that has other things to do, in ms. */
const slackMs = 4_000;
/** Longest time for an end: the grace, SIGTERM and SIGKILL, in ms. */
const endMs = 300 + 1_000 + slackMs;

/**
 * Launches a plugin, calls it and stops it.
 *
 * @returns `ok`, `garbled` when a call gave something else than it should, or the code of what it failed with.
 * @throws When it failed with anything else than a `PluginError`, or took longer than its limits say.
 */
export async function tryPlugin(
  entry: readonly string[],
  options: LaunchOptions,
  random: Random,
  callTimeoutMs: number = defaultCallMs,
): Promise<string> {
  const { startTimeoutMs = defaultStartMs } = options;
  const plugin = await within("the launch", startTimeoutMs + slackMs, () =>
    launch(entry, { graceMs: 300, log: false, ...options, startTimeoutMs }),
  ).catch(codeOf);
  if (typeof plugin === "string") return plugin;
  try {
    const proxy = withOptions(plugin.dispense(target), { timeoutMs: callTimeoutMs });
    const text = "x".repeat(random.below(2_000));
    const count = random.below(20);
    const calls = async (): Promise<string> => {
      if ((await proxy.echo(text)) !== text) return "garbled";
      if ((await proxy.each(count, (n) => n)) !== (count * (count - 1)) / 2) return "garbled";
      let seen = 0;
      for await (const n of proxy.numbers(count)) if (n !== seen++) return "garbled";
      return seen === count ? "ok" : "garbled";
    };
    // Items of a stream have no deadline of their own: whoever wants one ends the plugin.
    const silent = AbortSignal.timeout(callTimeoutMs * 3);
    const ended = new Promise<string>((resolve) => silent.addEventListener("abort", () => resolve("silent")));
    return await within("the calls", callTimeoutMs * 3 + slackMs, () => Promise.race([calls(), ended])).catch(codeOf);
  } catch (error) {
    return codeOf(error);
  } finally {
    await within("stop", endMs, () => plugin.stop());
    await within("exited", slackMs, () => plugin.exited);
  }
}

/** The code of a `PluginError`; the signal's own reason counts as one. @throws Everything else. */
export function codeOf(error: unknown): string {
  if (error instanceof PluginError && error.message !== "") return error.code;
  if (error instanceof Error && error.name === "AbortError") return "aborted";
  // The implementations throw nothing: damage has made something else into that.
  if (errorOrigin(error) === "remote") return "garbled";
  throw error;
}

/** Waits for something that has to end in time. */
export async function within<T>(what: string, limitMs: number, run: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} took more than ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([run(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
