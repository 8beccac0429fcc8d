import { addressText, checkExposure, parseAddress, parseSecret } from "../handshake/mod.ts";
import { createLogger } from "../log/logger.ts";
import type { Logger } from "../log/mod.ts";
import { logSinkFrom } from "../output/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { Address } from "../runtime/runtime.ts";
import { defaultReconnect } from "./_backoff.ts";
import { checkAddressOptions } from "./_check_address_options.ts";
import { AddressedPlugin } from "./_connected_plugin.ts";
import { Connection } from "./_connection.ts";
import type {
  AddressOptions,
  ConnectedPlugin,
  ConnectedPluginOf,
  ConnectionEvent,
  ReconnectOptions,
} from "./connect_options.ts";
import { defaultStartTimeoutMs, type VersionMap } from "./options.ts";

/**
 * Connects to a plugin that speaks one of several versions.
 *
 * @param address As below.
 * @param options With the contracts of each version. After a reconnect it is still the one that was chosen first.
 */
export function connect<const Versions extends VersionMap>(
  address: string | URL | Address,
  options: AddressOptions<Versions> & { readonly versions: Versions },
): Promise<ConnectedPluginOf<Versions>>;
/**
 * Connects to a plugin that something else has started, an orchestrator say: its `serve` has the option `listen`, or was told
 * `PLUGWIRE_LISTEN`. This host comes and goes, beside others; `stop()` only leaves.
 *
 * With `reconnect`, a connection that breaks is made again. Calls that were under way then fail with `closed` or `transport` and say
 * whether they may have run; those made meanwhile wait, up to `reconnect.waitMs`. What was dispensed goes on; references, callbacks and
 * streams ended with the connection that they came over.
 *
 * @param address `"tcp://host:port"`, `"unix:/path"`, a URL of these, or an {@linkcode Address}.
 * @param options See {@linkcode AddressOptions}.
 * @throws PluginError `connect_failed` when nobody listens there; `authentication` for another secret, a certificate that one side does
 * not take, TCP without a secret, and TCP beyond this machine without TLS; `not_plugwire`, `timeout`, `no_common_version`,
 * `no_such_contract`; `closed` when the plugin ended the connection.
 * @throws TypeError and RangeError for arguments that cannot be.
 *
 * @example
 * ```ts ignore
 * await using plugin = await connect("tcp://plugins.internal:7000", { secret, tls: { ca }, reconnect: true });
 * console.log(await plugin.dispense(greeter).greet("World"));
 * ```
 */
export function connect(address: string | URL | Address, options?: AddressOptions): Promise<ConnectedPlugin>;
export async function connect(where: string | URL | Address, options: AddressOptions = {}): Promise<ConnectedPlugin> {
  checkAddressOptions(options);
  const address = parseAddress(where, "what to connect to");
  const secret = parseSecret(options.secret, "option secret of connect");
  const { tls, insecure = false, keepAlive = {}, startTimeoutMs = defaultStartTimeoutMs, reconnect } = options;
  checkExposure({ address, secret, tls, insecure });
  const runtime = options.adapter ?? (await detectRuntime());
  const name = options.name ?? addressText(address);
  const log = createLogger({ source: name, sink: logSinkFrom(options.log, runtime) });
  const parts = { runtime, name, address, secret, tls, keepAlive, options: { ...options }, log };
  const connection = new Connection(parts, {
    reconnect: reconnectFrom(reconnect),
    startTimeoutMs,
    tell: (event) => tell(options.onConnection, event, log),
    random: Math.random,
  });
  const { version } = await connection.open(options.signal);
  // Whoever has the plugin has it with the types of that version.
  const { versions } = options;
  if (versions !== undefined) parts.options = { ...options, versions: { [version]: versions[version]! } };
  return new AddressedPlugin(connection, { runtime, name, options });
}

function reconnectFrom(option: AddressOptions["reconnect"]): Required<ReconnectOptions> | undefined {
  if (!option) return undefined;
  return option === true ? defaultReconnect : { ...defaultReconnect, ...option };
}

function tell(take: AddressOptions["onConnection"], event: ConnectionEvent, log: Logger): void {
  try {
    take?.(event);
  } catch (error) {
    log.error("onConnection threw", { error });
  }
}
