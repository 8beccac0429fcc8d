import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Address, ByteSource, Listener } from "../runtime/runtime.ts";
import type { Link } from "../transport/link.ts";
import { quote } from "./_quote.ts";
import { type HandshakeLine, plugwireProtocol } from "./line.ts";

/**
 * What a host and a plugin speak once the line is read. `plugwire` is the first; another, such as go-plugin's `grpc`,
 * takes its place beside it and is chosen by the fifth field of the line.
 *
 * @typeParam Contract What is dispensed.
 * @typeParam Proxy What dispensing gives.
 */
export interface Protocol<Contract = unknown, Proxy = unknown> {
  /** Its name in the line and in `PLUGWIRE_PROTOCOLS`. */
  readonly name: string;
  /**
   * Joins a plugin whose line was read. Resolves once both sides have proved themselves.
   *
   * @throws PluginError `connect_failed`, `authentication`, `not_plugwire` or `no_common_version`; the signal's reason when aborted.
   */
  connect(endpoint: ProtocolEndpoint, options: ProtocolOptions<Contract>): Promise<ProtocolConnection<Contract, Proxy>>;
}

/** How a protocol reaches the plugin, without knowing what carries its bytes. */
export interface ProtocolEndpoint {
  /** The plugin's line. */
  readonly line: HandshakeLine;
  /** Opens a connection to the plugin. With `stdio` there is one, and it can be opened once. */
  dial(options?: { readonly signal?: AbortSignal }): Promise<Link>;
  /** Accepts connections from the plugin, for protocols that open more than one. */
  listen(onLink: (link: Link) => void): Promise<Listener>;
  /** Turns an address as the plugin sees it into the same as the host sees it, where they live apart. */
  translate(address: Address): Address;
}

/** Options of {@linkcode Protocol.connect}. */
export interface ProtocolOptions<Contract = unknown> {
  /** What the host expects of the plugin. */
  readonly contracts: readonly Contract[];
  /** Protocol versions the host speaks. */
  readonly versions: readonly number[];
  /** The 32 bytes of `PLUGWIRE_SECRET`. */
  readonly secret?: Uint8Array;
  readonly signal?: AbortSignal;
}

/** A plugin that was joined. */
export interface ProtocolConnection<Contract = unknown, Proxy = unknown> {
  /** Protocol version in use. */
  readonly version: number;
  /** @throws PluginError `no_such_contract`, `closed`. */
  dispense(contract: Contract): Proxy;
  /** Resolves when the plugin has answered. */
  ping(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Takes no new calls and waits for those under way, at most `drainMs`. */
  drain(options: { readonly drainMs: number }): Promise<void>;
  /** Asks the plugin to end. Resolves when it has agreed, and never later than `graceMs`. */
  shutdown(options: { readonly graceMs: number }): Promise<void>;
  /** The plugin's output, for protocols that carry it themselves. */
  readonly output?: { readonly stdout: ByteSource; readonly stderr: ByteSource };
  /** Settles when the connection is over, with what broke it, if something did. Never rejects. */
  readonly closed: Promise<PluginError | undefined>;
}

/**
 * Chooses the protocol a plugin answers with.
 *
 * @param hostProtocols The host's, the best first; `undefined` when it did not say: then the plugin's first is taken.
 * @param pluginProtocols The plugin's. Default `["plugwire"]`.
 * @throws PluginError `unsupported_protocol` with both lists.
 */
export function chooseProtocol(
  hostProtocols: readonly string[] | undefined,
  pluginProtocols: readonly string[] = [plugwireProtocol],
): string {
  if (pluginProtocols.length === 0) throw new RangeError("a plugin must speak at least one protocol");
  if (hostProtocols === undefined) return pluginProtocols[0]!;
  const chosen = hostProtocols.find((name) => pluginProtocols.includes(name));
  if (chosen !== undefined) return chosen;
  throw new PluginError(
    ErrorCode.unsupportedProtocol,
    `host and plugin share no protocol: the host speaks ${hostProtocols.map(quote).join(", ")}, ` +
      `the plugin ${pluginProtocols.map(quote).join(", ")}`,
  );
}
