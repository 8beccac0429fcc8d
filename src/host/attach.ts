import { PluginError } from "../errors/mod.ts";
import { type DebuggedPlugin, parseDebugged, parseReattachInfo, type ReattachInfo } from "../handshake/mod.ts";
import type { RpcSession } from "../rpc/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { asLink } from "../transport/as_link.ts";
import type { Duplex, Link } from "../transport/mod.ts";
import { AttachedPlugin } from "./_attached_plugin.ts";
import { openHostSession } from "./_host_session.ts";
import { takeOver } from "./_take_over.ts";
import { visitDebugged } from "./_visit_debugged.ts";
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
 * Visits a plugin that `plugwire dev` runs: what the line that it prints has under the plugin's name.
 *
 * @param place Its address and secret. Which process it is changes with each reload, so that nobody can take it over.
 * @throws PluginError `connect_failed` when dev is not running any more; `authentication`, `timeout`, `no_common_version`,
 * `no_such_contract`.
 */
export function attach(place: DebuggedPlugin, options: AttachOptions & { readonly guest: true }): Promise<Plugin>;
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
export async function attach(
  connection: Duplex | Link | ReattachInfo | DebuggedPlugin,
  options: AttachOptions = {},
): Promise<Plugin> {
  if (isInfo(connection)) {
    checkAttachOptions(options);
    const info = parseReattachInfo(connection);
    return await takeOver(info, options, options.adapter ?? (await detectRuntime()));
  }
  if (isPlace(connection)) {
    checkAttachOptions(options);
    const place = parseDebugged(connection);
    if (options.guest !== true)
      throw new TypeError(
        "what plugwire dev prints is for guests: attach(…, { guest: true }); it owns the plugin itself",
      );
    return await visitDebugged(place, options, options.adapter ?? (await detectRuntime()));
  }
  checkConnectOptions("attach", options);
  const link = asLink(connection, "what to attach to", "{ readable, writable }, a link or a reattach info");
  return await attachLink(link, options.adapter ?? (await detectRuntime()), options);
}

function isInfo(value: unknown): value is ReattachInfo {
  return typeof value === "object" && value !== null && "plugwire" in value;
}

/** A link and streams may have an address of their own. */
function isPlace(value: unknown): value is DebuggedPlugin {
  return typeof value === "object" && value !== null && "address" in value && "secret" in value;
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
  return new AttachedPlugin(session, runtime, name, options);
}
