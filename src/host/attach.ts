import { detectRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Duplex, type Link, linkFromDuplex } from "../transport/mod.ts";
import { openHostSession } from "./_host_session.ts";
import { SessionPlugin } from "./_session_plugin.ts";
import type { ConnectOptions, VersionMap } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/**
 * Joins a plugin over a connection of one's own, whose other side calls {@linkcode serveOver}. Nobody proves anything: the
 * connection has to be one that is trusted.
 *
 * @param connection Web Streams of bytes, or a link.
 * @param options As for `launch`, as far as there is no process.
 * @throws PluginError `not_plugwire`, `timeout`, `no_common_version`, `no_such_contract`.
 */
export async function attach(connection: Duplex | Link, options: ConnectOptions = {}): Promise<Plugin> {
  const runtime: Runtime = options.adapter ?? (await detectRuntime());
  const link = "readable" in connection ? linkFromDuplex(connection) : connection;
  return await attachLink(link, runtime, options);
}

/** The same with all that was to be found out. */
export async function attachLink(link: Link, runtime: Runtime, options: ConnectOptions<VersionMap>): Promise<Plugin> {
  const name = options.name ?? link.name;
  const session = await openHostSession(link, { runtime, name, options });
  return new SessionPlugin(session, runtime, name, options.versions);
}
