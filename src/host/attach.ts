import { shownValue } from "../errors/check_options.ts";
import { PluginError } from "../errors/mod.ts";
import { parseReattachInfo, type ReattachInfo } from "../handshake/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Duplex, type Link, linkFromDuplex } from "../transport/mod.ts";
import { AttachedPlugin } from "./_attached_plugin.ts";
import { openHostSession } from "./_host_session.ts";
import { takeOver } from "./_take_over.ts";
import { checkAttachOptions, checkConnectOptions } from "./check_options.ts";
import type { PluginOf } from "./launch.ts";
import type { AttachOptions, ConnectOptions, VersionMap } from "./options.ts";
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
 * Takes over a plugin that another host launched with `reattach`, and that may still be there or not; or visits it, with
 * `guest: true`. The plugin's process lives on as it is, with all that it keeps. What belonged to the session of another host is not
 * carried over: running calls, streams, callbacks.
 *
 * A new owner takes the place of the one before, which is told so; what runs for that one may end for 10 s. The protocol
 * version is agreed on anew.
 *
 * @param info What `plugin.reattachInfo()` or `plugin.detach()` gave, or {@linkcode readReattachInfo}.
 * @param options As for `launch`, as far as they are not about the start.
 * @throws PluginError `exited` when the plugin is not running any more: what it left is removed; `wrong_instance` when something else
 * answers at its address; `authentication` when that has another secret, `not_plugwire` when it is no plugin; `connect_failed` when the
 * plugin runs and does not listen; `timeout` when it does not answer; `no_common_version`, `no_such_contract`. The plugin goes
 * on in all these cases.
 *
 * @example
 * ```ts ignore
 * await using plugin = await attach(await readReattachInfo("/run/myapp/greeter.json"));
 * console.log(await plugin.dispense(greeter).greet("World"));
 * ```
 */
export function attach<const Versions extends VersionMap>(
  info: ReattachInfo,
  options: AttachOptions<Versions> & { readonly versions: Versions },
): Promise<PluginOf<Versions>>;
/**
 * Takes over or visits a plugin of one version.
 *
 * @param info As above.
 */
export function attach(info: ReattachInfo, options?: AttachOptions): Promise<Plugin>;
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
export async function attach(connection: Duplex | Link | ReattachInfo, options: AttachOptions = {}): Promise<Plugin> {
  if (typeof connection !== "object" || connection === null) {
    checkConnectOptions("attach", options);
    const what = "what to attach to must be { readable, writable }, a link or a reattach info";
    throw new TypeError(`${what}, not ${shownValue(connection)}`);
  }
  if ("plugwire" in connection) {
    checkAttachOptions(options);
    const info = parseReattachInfo(connection);
    return await takeOver(info, options, options.adapter ?? (await detectRuntime()));
  }
  checkConnectOptions("attach", options);
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
