import { ErrorCode, PluginError } from "../errors/mod.ts";
import {
  coreVersion,
  DebugVariable,
  debuggedLine,
  entryName,
  handshakeVariables,
  lineAddress,
  plugwireProtocol,
  type ReattachInfo,
  readPluginEnvironment,
  secretBytes,
  toHex,
} from "../handshake/mod.ts";
import { processIdentity } from "../hello/mod.ts";
import { log } from "../log/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { HostConnections } from "./_host_connections.ts";
import { type Door, openDoor } from "./_open_door.ts";
import { pluginSession } from "./plugin_session.ts";
import type { FullServeOptions } from "./serve_options.ts";

/** Time for the program to end by itself after Ctrl-C, in ms. */
const exitGraceMs = 1_000;
const isOff = (value: string): boolean => value === "" || value === "0" || value === "false";
const isOn = (value: string): boolean => value === "1" || value === "true";

/**
 * The name under which somebody who started this plugin by hand wants it to wait for hosts: `PLUGWIRE_DEBUG` is `1` for the name
 * of its file, or another name. `undefined` when it is not to wait.
 */
export function nameByHand(runtime: Runtime): string | undefined {
  const wanted = runtime.env(DebugVariable.debug) ?? "";
  if (isOff(wanted)) return undefined;
  if (!isOn(wanted)) return wanted;
  const file = (runtime.compiled ? undefined : runtime.mainScript) ?? runtime.execPath;
  return entryName(file, { os: runtime.os, directory: runtime.cwd() });
}

/**
 * Serves one host after another, and several at once, for a person who debugs. None of them ends it: Ctrl-C does. Where it is,
 * and its secret, stand in the line it prints.
 *
 * @returns Settles when it was ended.
 */
export async function serveByHand(name: string, runtime: Runtime, options: FullServeOptions): Promise<void> {
  const told = readPluginEnvironment((variable) => runtime.env(variable));
  runtime.forgetEnv([...handshakeVariables, DebugVariable.debug]);
  runtime.endOnUncaught();
  const secret = told.secret ?? crypto.getRandomValues(new Uint8Array(secretBytes));
  const sessions = new Set<RpcSession>();
  const connections = new HostConnections(
    (link) => pluginSession(link, runtime, options, secret),
    (session) => keep(session, sessions),
    options.limits.maxUnproved,
  );
  const door = await openDoor(runtime, { ...told, transport: "unix" }, (link) => void connections.accept(link));
  const undoExit = runtime.onExit(() => door.closeNow());
  const over = Promise.withResolvers<string>();
  const end = (): void => over.resolve("the plugin was ended");
  const undo = [
    runtime.onSignal("SIGINT", end),
    runtime.onSignal("SIGTERM", end),
    // As of old: what runs is to be read anew. `plugwire dev` says so.
    runtime.onSignal("SIGHUP", () => over.resolve("the plugin was reloaded: launch it again to join the new one")),
    told.lifeline === "stdin" ? runtime.onStdinEnd(end) : () => {},
  ];
  // Nothing else keeps a process alive that only listens, on some runtimes.
  const alive = runtime.setTimer(end, 0x7fff_ffff, { keepAlive: true });
  // Who gave it a secret has a line of its own to show.
  if (told.secret === undefined) announce(name, runtime);
  // Who reads it there finds it at the beginning of a line, whatever was printed before.
  const before = told.secret === undefined ? "" : "\n";
  runtime.writeStdout(`${before}${debuggedLine({ [name]: infoOf(name, door, secret, runtime) })}\n`);

  const why = await over.promise;
  alive.cancel();
  for (const each of undo) each();
  connections.close();
  for (const session of sessions) {
    session.guard(() => {
      throw new PluginError(ErrorCode.closed, why);
    });
  }
  await door.close();
  undoExit();
  runtime.setTimer(() => runtime.exit(0), exitGraceMs);
}

function keep(session: RpcSession, sessions: Set<RpcSession>): void {
  const { pid } = session.peerHello;
  sessions.add(session);
  log.info(`a host has joined (process ${pid})`);
  void session.closed.then(() => {
    sessions.delete(session);
    log.info(`a host has left (process ${pid})`);
  });
}

function infoOf(name: string, door: Door, secret: Uint8Array, runtime: Runtime): ReattachInfo {
  const { pid, instance } = processIdentity(runtime.pid);
  const address = lineAddress({ core: coreVersion, version: 1, protocol: plugwireProtocol, ...door.line })!;
  const started = runtime.processStart(pid) ?? "unknown";
  return { plugwire: 1, name, address, secret: toHex(secret), instance, pid, started, output: null };
}

function announce(name: string, runtime: Runtime): void {
  runtime.writeStderr(
    `Plugin ${name} waits for hosts as process ${runtime.pid}, until Ctrl-C. Put the next line before the command of a host, and ` +
      "it joins this plugin in place of starting one. The line has a secret in it: whoever knows it can call the plugin.\n\n",
  );
}
