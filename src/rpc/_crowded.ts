import { PluginError } from "../errors/mod.ts";
import type { StreamHandler } from "../mux/mod.ts";
import { type FailedCall, lateError } from "./_call_failures.ts";
import { counted } from "./_counted.ts";
import type { RpcSession } from "./rpc_session.ts";

/** How many of the names that hold the most places are given. */
const maxNames = 3;

/** For a call whose deadline has passed before it was sent. */
export function lateUnsent(call: FailedCall, timeoutMs: number, session: RpcSession): PluginError {
  const late = lateError(call, timeoutMs, "none");
  if (session.counts.waiting === 0) return late;
  return new PluginError(late.code, `${late.message}; it was not sent, as ${crowdedText(session)}`, {
    ...call.facts,
    execution: "none",
  });
}

/** Logs that calls wait and no place comes free. */
export function warnCrowded(session: RpcSession): void {
  const way = "a stream keeps its place until it is read to its end or left (break, return(), cancel())";
  session.environment.log.warn(`calls of ${session.peerName} wait for a place: ${crowdedText(session)}; ${way}`, {
    waiting: session.counts.waiting,
    plugin: session.plugin,
  });
}

function crowdedText(session: RpcSession): string {
  const local = session.streams.filter((stream) => stream.local);
  const names = counted(
    local.map(({ handler }) => (handler as StreamHandler & { readonly name?: string }).name ?? "others"),
  );
  const most = names
    .slice(0, maxNames)
    .map(([name, count]) => `${name} ${number(count)} ${count === 1 ? "time" : "times"}`);
  return `${number(local.length)} calls and streams are open, as many as ${session.peerName} takes (limits.maxStreams): ${most.join(", ")}${names.length > maxNames ? ", and others" : ""}`;
}

function number(count: number): string {
  return count.toLocaleString("en-US");
}
