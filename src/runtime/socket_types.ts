import type { PluginError } from "../errors/mod.ts";
import type { Runtime } from "./runtime.ts";

/** Where a listener is reached. */
export type Address =
  | { readonly network: "unix"; readonly path: string }
  | { readonly network: "tcp"; readonly host: string; readonly port: number };

/**
 * What a side of a TLS connection shows and asks for, as texts in PEM. Both sides speak TLS 1.3 at least.
 *
 * For a host: who has signed the plugin's certificate, and, where the plugin asks for one, a certificate of its own. For a plugin: its
 * certificate, and, where hosts are to show one, who signs theirs.
 */
export interface TlsOptions {
  /** Certificates of who signs those of the other side. A host's default: those that the runtime trusts. A plugin's: hosts show none. */
  readonly ca?: string;
  /** The certificate that this side shows, and after it those that lead to who is trusted. A plugin needs one. */
  readonly cert?: string;
  /** The private key of `cert`. */
  readonly key?: string;
  /** Whom the plugin's certificate must be for. Default: the host name or number of its address. */
  readonly serverName?: string;
}

/** Options of {@linkcode Runtime.listen}. */
export interface ListenSocketOptions {
  /** Connections begin with TLS. */
  readonly tls?: TlsOptions;
  /** Told of each connection that TLS failed for. */
  readonly onRefused?: (error: PluginError) => void;
}

/** Options of {@linkcode Runtime.connect}. */
export interface ConnectSocketOptions {
  /** Gives up. */
  readonly signal?: AbortSignal;
  /** The connection begins with TLS. */
  readonly tls?: TlsOptions;
}

/** Something that accepts connections. */
export interface Listener {
  /** The address in use (for TCP with the port that was chosen). */
  readonly address: Address;
  /** Stops accepting and removes the socket file. Connections accepted before live on. Idempotent. */
  close(): Promise<void>;
}
