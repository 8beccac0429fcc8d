import type { PluginError } from "../errors/mod.ts";
import type { KeepAliveOptions } from "../rpc/mod.ts";
import type { TlsOptions } from "../runtime/runtime.ts";
import type { ConnectOptions, LaunchOptions, VersionMap } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** What `reconnect` of {@linkcode AddressOptions} may say. All times are in ms. */
export interface ReconnectOptions {
  /**
   * The first wait after a connection broke or could not be made is a random part of this; the time doubles with each attempt that
   * fails. Default 100.
   */
  readonly minMs?: number;
  /** What that time grows to. Default 10,000. */
  readonly maxMs?: number;
  /** How long a call waits for the connection to be there again; 0: it fails at once. Default 10,000. */
  readonly waitMs?: number;
  /** How long the plugin may be away before nobody tries any more. Default `Infinity`. */
  readonly giveUpMs?: number;
}

/** What happened to the connection with a plugin, for {@linkcode AddressOptions.onConnection}. */
export type ConnectionEvent =
  | {
      readonly state: "connected";
      /** Whether the same process answers as before; `false` when it was started anew, so that what it kept is gone. */
      readonly isSameInstance: boolean;
      /** How many attempts it took. */
      readonly attempts: number;
    }
  /** It broke, or another attempt has failed; a further one follows after `retryMs`. */
  | { readonly state: "away"; readonly error: PluginError; readonly attempts: number; readonly retryMs: number }
  /** No more attempts are made. `error` says why; it is `undefined` when this host has let go of the plugin. */
  | { readonly state: "closed"; readonly error: PluginError | undefined };

/** Options of {@linkcode connect}. */
export interface AddressOptions<Versions extends VersionMap = VersionMap>
  extends ConnectOptions<Versions>,
    Pick<LaunchOptions, "log" | "startTimeoutMs" | "graceMs"> {
  /** The secret that the plugin was given: 64 hexadecimal digits or 32 bytes. Over TCP there must be one. */
  readonly secret?: string | Uint8Array;
  /** Makes the connection one over TLS. Needed for TCP beyond this machine, unless `insecure`. */
  readonly tls?: TlsOptions;
  /** Allows TCP beyond this machine without TLS: for networks that are encrypted and trusted by themselves. Default `false`. */
  readonly insecure?: boolean;
  /**
   * Whether a connection that breaks is made again, for as long as it takes, and the first one is waited for up to `startTimeoutMs`.
   * Default `false`: the plugin is let go of with the connection.
   */
  readonly reconnect?: boolean | ReconnectOptions;
  /** How a connection over TCP is watched; `false`: not at all. */
  readonly keepAlive?: KeepAliveOptions | false;
  /** Told of each change of the connection but the first. What it throws is logged. */
  readonly onConnection?: (event: ConnectionEvent) => void;
}

/** A plugin that was connected to by its address. */
export interface ConnectedPlugin<V extends number = number, C = unknown> extends Plugin<V, C> {
  /** Whether there is a connection now. */
  readonly isConnected: boolean;
}

/** The plugin of whichever version was chosen: `version` tells them apart. */
export type ConnectedPluginOf<Versions> = {
  [V in keyof Versions & number]: ConnectedPlugin<V, Versions[V]>;
}[keyof Versions & number];
