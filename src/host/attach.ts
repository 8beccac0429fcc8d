import { shownValue } from "../errors/check_options.ts";
import { PluginError } from "../errors/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Duplex, type Link, linkFromDuplex } from "../transport/mod.ts";
import { AttachedPlugin } from "./_attached_plugin.ts";
import { openHostSession } from "./_host_session.ts";
import { checkConnectOptions } from "./check_options.ts";
import type { PluginOf } from "./launch.ts";
import type { ConnectOptions, VersionMap } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/**
 * Joins a plugin that speaks one of several versions.
 *
 * @param connection As below.
 * @param options With the contracts of each version.
 */
export function attach<const Versions extends VersionMap>(
  connection: Duplex | Link,
  options: ConnectOptions<Versions> & { readonly versions: Versions },
): Promise<PluginOf<Versions>>;
/**
 * Joins a plugin over a connection of one's own, whose other side calls {@linkcode serveOver}. Nobody proves anything: the
 * connection has to be one that is trusted.
 *
 * @param connection Web Streams of bytes, or a link.
 * @param options As for `launch`, as far as there is no process.
 * @throws The reason of `options.signal` when that is aborted before.
 * @throws TypeError and RangeError for options that cannot be.
 * @throws PluginError `not_plugwire`, `timeout`, `no_common_version`, `no_such_contract`.
 */
export function attach(connection: Duplex | Link, options?: ConnectOptions): Promise<Plugin>;
export async function attach(connection: Duplex | Link, options: ConnectOptions = {}): Promise<Plugin> {
  checkConnectOptions("attach", options);
  if (typeof connection !== "object" || connection === null) {
    throw new TypeError(`a connection must be { readable, writable } or a link, not ${shownValue(connection)}`);
  }
  const runtime: Runtime = options.adapter ?? (await detectRuntime());
  const link = "readable" in connection ? linkFromDuplex(connection) : connection;
  return await attachLink(link, runtime, options);
}

/** The same with all that was to be found out. */
export async function attachLink(link: Link, runtime: Runtime, options: ConnectOptions<VersionMap>): Promise<Plugin> {
  const name = options.name ?? link.name;
  const { signal } = options;
  signal?.throwIfAborted();
  const giveUp = (): void => link.destroy();
  signal?.addEventListener("abort", giveUp);
  let session: RpcSession;
  try {
    session = await openHostSession(link, { runtime, name, options });
  } catch (error) {
    // Mistakes in the options are found before there is a session that would close the link.
    if (!(error instanceof PluginError)) link.destroy();
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
  return new AttachedPlugin(session, runtime, name, options.versions);
}
