import { checkOptions } from "../errors/check_options.ts";
import { milliseconds } from "../plugin/option_rules.ts";
import { type ClosedPlugin, closeManaged } from "./_managed.ts";
import type { StopOptions } from "./plugin.ts";

export type { ClosedPlugin };

/**
 * Stops every plugin of this process that was launched with `managed: true`, all at the same time, each as `plugin.stop()`
 * does; a launch that is still under way is given up, and rejects with `closed`. Takes as long as the slowest of them, and
 * whatever that does, not much longer than the grace.
 *
 * While it is under way a launch with `managed: true` is refused (`closed`): nothing would stop that plugin. Afterwards
 * they work as before. May be called again; while it is under way that gives the same, whatever the options.
 *
 * @param options The grace for all of them. Default: that of each.
 * @returns How each ended, in the order of their launches. Those that had ended before are not among them.
 * @throws AggregateError when all was tried, with one error for each plugin that could not be stopped.
 * @throws TypeError and RangeError for a `graceMs` that is no time; nothing is stopped then.
 *
 * @example
 * ```ts
 * import { closeAll } from "@plugwire/plugwire";
 * // At the end of a program, wherever it has launched its plugins:
 * for (const { name, exit } of await closeAll({ graceMs: 5_000 })) console.log(name, exit.code);
 * ```
 */
export async function closeAll(options: StopOptions = {}): Promise<readonly ClosedPlugin[]> {
  checkOptions("closeAll", { graceMs: milliseconds }, options);
  return await closeManaged(options);
}
