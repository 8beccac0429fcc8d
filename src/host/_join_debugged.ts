import { ErrorCode, PluginError } from "../errors/mod.ts";
import { nearest } from "../errors/near_miss.ts";
import { type DebuggedPlugin, DebugVariable, entryName, readDebugged, secretOf } from "../handshake/mod.ts";
import { createLogger, type Logger } from "../log/mod.ts";
import { logSinkFrom } from "../output/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import { type Entry, reworded } from "../runner/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";
import { AttachedPlugin } from "./_attached_plugin.ts";
import { openHostSession } from "./_host_session.ts";
import type { LaunchOptions } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** Time that somebody at a debugger may take to step through a greeting, in ms: a day. */
export const patientHelloMs = 86_400_000;
/** Time after which somebody may want to know what is waited for, in ms. */
const longMs = 3_000;

/**
 * Joins the plugin that `PLUGWIRE_REATTACH` names in place of the one that is to be launched.
 *
 * @returns `undefined` when it names none for this launch.
 * @throws PluginError `bad_handshake` for a variable that cannot be read; `connect_failed` and what else a session fails with.
 */
export async function joinDebugged(
  entry: Entry,
  options: LaunchOptions,
  runtime: Runtime,
): Promise<Plugin | undefined> {
  const named = readDebugged(runtime.env(DebugVariable.reattach));
  if (named === undefined) return undefined;
  const name = options.name ?? entryName(entry, { os: runtime.os, directory: runtime.cwd() });
  const log = createLogger({ source: `plugwire.${name}`, sink: logSinkFrom(options.log, runtime) });
  if (!Object.hasOwn(named, name)) {
    const names = Object.keys(named);
    const near = nearest(name, names);
    const meant = near === undefined ? "" : `; if ${JSON.stringify(near)} is meant, launch it by that name`;
    const text = `${DebugVariable.reattach} names ${names.join(", ") || "no plugin"}; ${name} is started${meant}`;
    log[near === undefined ? "info" : "warn"](text);
    return undefined;
  }
  const session = await join(name, named[name]!, { options, runtime, log });
  const { pid } = session.peerHello;
  log.warn(`${DebugVariable.reattach} names ${name}: joined process ${pid} and started none; stop() will not end it`);
  void session.closed.then((error) => error && log.warn(`the debugged plugin is gone: ${error.message}`));
  return Object.assign(new AttachedPlugin(session, runtime, name, options, log), { pid });
}

async function join(
  name: string,
  { address, secret }: DebuggedPlugin,
  { options, runtime, log }: { readonly options: LaunchOptions; readonly runtime: Runtime; readonly log: Logger },
): Promise<RpcSession> {
  const { signal } = options;
  signal?.throwIfAborted();
  let link: Link | undefined;
  const giveUp = (): void => link?.destroy();
  signal?.addEventListener("abort", giveUp);
  const waits = (): void =>
    log.warn(
      `plugin ${name} of ${DebugVariable.reattach} has not answered yet: is it at a breakpoint, or does it not start?`,
    );
  const timer = runtime.setTimer(waits, longMs);
  try {
    link = await runtime.connect(address, { signal });
    return await openHostSession(link, {
      runtime,
      name,
      options: { ...options, limits: { helloTimeoutMs: patientHelloMs, ...options.limits } },
      secret: secretOf(secret),
      owner: false,
      log,
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (!(error instanceof PluginError)) throw error;
    const gone =
      error.code === ErrorCode.connectFailed ? "; is it still running? unset the variable to start the plugin" : "";
    const text = `${DebugVariable.reattach} names plugin ${name}, which cannot be joined: ${error.message}${gone}`;
    throw reworded(error, text, { plugin: name, execution: "none" });
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", giveUp);
  }
}
