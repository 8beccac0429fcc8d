import * as v from "valibot";
import { checkOptions, type OptionRules } from "../errors/check_options.ts";
import { checkExposure, parseAddress, parseSecret, readListenEnvironment } from "../handshake/mod.ts";
import type { KeepAliveOptions } from "../rpc/mod.ts";
import type { Address, Runtime, TlsOptions } from "../runtime/runtime.ts";
import { milliseconds, object } from "./option_rules.ts";

/**
 * Where a plugin listens that something else than a host starts: an orchestrator, a service manager, a person. Hosts come and go, any
 * number at once up to 256, and none of them ends it.
 */
export interface ListenOptions {
  /** `"tcp://0.0.0.0:7000"`, `"unix:/run/app/greeter.sock"`, or an {@linkcode Address}. Port 0 is one that the system chooses. */
  readonly address: string | URL | Address;
  /** What hosts have to know: 64 hexadecimal digits or 32 bytes. Without it nothing but a Unix socket is opened. */
  readonly secret?: string | Uint8Array;
  /** The certificate that it shows, and who signs those of hosts. Needed for TCP that is not on this machine, unless `insecure`. */
  readonly tls?: TlsOptions;
  /** Allows TCP beyond this machine without TLS: for networks that are encrypted and trusted by themselves. Default `false`. */
  readonly insecure?: boolean;
  /** How connections over TCP are watched; `false`: not at all. */
  readonly keepAlive?: KeepAliveOptions | false;
  /** Time for running calls after SIGTERM or SIGINT, in ms. Default 10,000. */
  readonly drainMs?: number;
  /** Called once it listens, with the port that was chosen. */
  readonly onListening?: (address: Address) => void;
}

/** The same with all that was left out. */
export interface ListenPlace {
  readonly address: Address;
  readonly secret: Uint8Array | undefined;
  readonly tls: TlsOptions | undefined;
  readonly keepAlive: KeepAliveOptions | false;
  readonly drainMs: number;
  readonly onListening: (address: Address) => void;
}

/** The default of `drainMs`: what orchestrators wait at least before they kill. */
const defaultDrainMs = 10_000;

const text = (name: string): v.GenericSchema => v.string(`must be a text in PEM, as tls.${name}`);

/** What `tls` may be. */
export const tlsRules: OptionRules = {
  ca: text("ca"),
  cert: text("cert"),
  key: text("key"),
  serverName: v.pipe(v.string("must be a name"), v.minLength(1, "must be a name")),
};

/** What `keepAlive` may be. */
export const keepAliveRules: OptionRules = { intervalMs: milliseconds, timeoutMs: milliseconds };

const listenRules: OptionRules = {
  address: v.any(),
  secret: v.any(),
  tls: object,
  insecure: v.boolean("must be true or false"),
  keepAlive: v.custom((value) => value === false || isObject(value), "must be an object, or false"),
  drainMs: milliseconds,
  onListening: v.custom((value) => typeof value === "function", "must be a function"),
};

/** Checks the option `listen`. @throws TypeError and RangeError */
export function checkListenOptions(options: ListenOptions): void {
  checkOptions("listen of serve", listenRules, options);
  parseAddress(options.address, "option address of listen", 0);
  parseSecret(options.secret, "option secret of listen");
  if (options.tls !== undefined) checkOptions("tls of listen", tlsRules, options.tls);
  if (options.keepAlive) checkOptions("keepAlive of listen", keepAliveRules, options.keepAlive);
}

/**
 * Where a plugin is to listen that no host has started: what the environment says goes before the options.
 *
 * @returns `undefined` when neither says so.
 * @throws PluginError `bad_handshake` for an environment that cannot be read; `authentication` for what would be open to others.
 * @throws TypeError for a plugin without a certificate.
 */
export async function listenPlace(
  options: ListenOptions | undefined,
  runtime: Runtime,
): Promise<ListenPlace | undefined> {
  const said = await readListenEnvironment({
    env: (name) => runtime.env(name),
    readText: (path) => runtime.readText(path),
  });
  if (said === undefined && options === undefined) return undefined;
  const address = said?.address ?? parseAddress(options?.address, "option address of listen", 0);
  const secret = said?.secret ?? parseSecret(options?.secret, "option secret of listen");
  const tls = said?.tls ?? options?.tls;
  checkExposure({ address, secret, tls, insecure: said?.insecure === true || options?.insecure === true });
  if (tls !== undefined && (tls.cert === undefined || tls.key === undefined))
    throw new TypeError("tls of a plugin that listens needs cert and key: the certificate that it shows to its hosts");
  const { keepAlive = {}, drainMs = defaultDrainMs, onListening = () => {} } = options ?? {};
  return { address, secret, tls, keepAlive, drainMs, onListening };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
