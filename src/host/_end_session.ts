import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Logger } from "../log/mod.ts";
import { CloseCode } from "../mux/mod.ts";
import { describeOpen, endUnread, type RpcSession } from "../rpc/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";

/** Part of the grace after which a stream that nobody has read of counts as left alone, and the longest that may be, in ms. */
const unreadPart = 0.1;
const maxUnreadMs = 5_000;

/** Whose session is ended, and how. */
export interface EndOptions {
  readonly name: string;
  readonly runtime: Runtime;
  readonly log: Logger;
  /** Time for what runs, in ms. */
  readonly graceMs: number;
  /** What ends the wait as well: the end of the process. */
  readonly exited?: Promise<unknown>;
  /** Why, when the plugin is not to end with it. */
  readonly detaching?: boolean;
}

/** For what is asked of a plugin that its host has let go of. @param what How that concerns it. */
export function wasDetached(name: string, what = ""): PluginError {
  return new PluginError(ErrorCode.closed, `plugin ${name} was detached${what}`, { plugin: name });
}

/** For what is asked of a plugin that its host has stopped. @param what How that concerns it. */
export function wasStopped(name: string, what = ""): PluginError {
  return new PluginError(ErrorCode.closed, `plugin ${name} was stopped${what}`, { plugin: name });
}

/**
 * Lets what runs in a session end, for as long as the grace lasts, and closes it; what still ran is logged. Once nothing
 * is open but streams that nobody reads, these are ended: who left them has asked for the end as well.
 */
export async function endSession(session: RpcSession, options: EndOptions): Promise<void> {
  const { name, runtime, log, graceMs, exited, detaching = false } = options;
  const over = detaching ? wasDetached : wasStopped;
  const code = detaching ? CloseCode.detached : CloseCode.normal;
  const streams = new Set(session.streams);
  const began = performance.now();
  const unread = (what: string): PluginError => over(name, ` while nobody ${what}`);
  const everyMs = Math.min(graceMs * unreadPart, maxUnreadMs);
  let timer: { cancel(): void } | undefined;
  const look = (): void => {
    endUnread(session, unread);
    timer = runtime.setTimer(look, everyMs);
  };
  const idle = session.drain().then(() => "idle");
  if (everyMs > 0) look();
  let outcome = "late";
  const ended = Promise.race([idle, ...(exited === undefined ? [] : [exited.then(() => "exited")])]);
  await settledWithin(
    ended.then((how) => {
      outcome = how;
    }),
    graceMs,
    runtime,
  );
  timer?.cancel();
  // How the process ended says more than that it was to end.
  if (outcome === "exited") return session.close();
  if (outcome === "idle") return session.close(over(name), code);
  const running = describeOpen(session, { streams, forMs: performance.now() - began }).join("; ");
  const what = detaching ? "the plugin is let go of" : "the plugin is made to end";
  log.warn(`the grace of ${graceMs} ms is over, ${what}; what still ran: ${running}`, { graceMs });
  session.close(over(name, ` before the call had ended (graceMs ${graceMs})`), code);
}
