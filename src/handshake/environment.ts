import type { Cookie } from "./cookie.ts";
import { plugwireProtocol } from "./line.ts";
import { Variable } from "./variables.ts";
import { checkVersions } from "./versions.ts";

/** How host and plugin are joined. */
export type TransportName = "unix" | "stdio" | "tcp";
/** What a plugin takes for its host's death: the end of its stdin, the end of its session, or nothing. */
export type Lifeline = "stdin" | "session" | "none";

/** Ports a plugin may listen on, both included. */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** Name of the socket in the directory that a Plugwire host made for one plugin; Deno is allowed this one path only. */
export const socketFileName = "s";

/** Bytes of the secret that joins host and plugin. */
export const secretBytes = 32;

/** What a host tells its plugin. */
export interface HostEnvironmentOptions {
  readonly cookie: Cookie;
  /** Protocol versions the host speaks. */
  readonly versions: readonly number[];
  readonly transport: TransportName;
  /** 32 random bytes. Needed for `tcp`. */
  readonly secret?: Uint8Array;
  /** Directory of the plugin's socket, made for this plugin alone. Needed for `unix`. */
  readonly socketDirectory?: string;
  readonly lifeline: Lifeline;
  /** Time that the plugin goes on without a host, in ms: a whole number. Left out: it ends with its session. */
  readonly lingerMs?: number;
  /** Directory of the files that its output goes to. Left out: it goes elsewhere. */
  readonly outputDirectory?: string;
  /** Version of the host's Plugwire, such as `0.1.0`. */
  readonly packageVersion: string;
  /** Protocols the host speaks, in order of preference. Default `["plugwire"]`. */
  readonly protocols?: readonly string[];
  /** Ports for `tcp`. Default: any. */
  readonly ports?: PortRange;
}

/**
 * The variables with which a host starts a plugin, the cookie among them.
 *
 * @returns Values by name, to be laid over the environment that the plugin gets.
 * @throws RangeError when a version, port or the secret's length is out of range.
 * @throws TypeError when what the transport needs is missing.
 */
export function hostEnvironment(options: HostEnvironmentOptions): Record<string, string> {
  const { cookie, transport, secret, socketDirectory, ports, lingerMs, protocols = [plugwireProtocol] } = options;
  if (transport === "unix" && !socketDirectory) throw new TypeError("transport unix needs a socketDirectory");
  if (transport === "tcp" && secret === undefined) throw new TypeError("transport tcp needs a secret");
  if (secret !== undefined && secret.length !== secretBytes) {
    throw new RangeError(`secret must have ${secretBytes} bytes, got ${secret.length}`);
  }
  if (ports !== undefined && !isRange(ports)) {
    throw new RangeError(`ports must be from 1 to 65535, lowest first, got ${ports.min} to ${ports.max}`);
  }
  if (lingerMs !== undefined && !isLingerTime(lingerMs)) {
    throw new RangeError(`lingerMs must be a whole number from 0 to ${maxLingerMs}, got ${lingerMs}`);
  }
  return {
    [cookie.key]: cookie.value,
    [Variable.versions]: checkVersions(options.versions).join(","),
    [Variable.host]: options.packageVersion,
    [Variable.protocols]: protocols.join(","),
    [Variable.transport]: transport,
    [Variable.lifeline]: options.lifeline,
    ...(lingerMs !== undefined && { [Variable.linger]: String(lingerMs) }),
    ...(options.outputDirectory && { [Variable.output]: options.outputDirectory }),
    ...(secret && { [Variable.secret]: toHex(secret) }),
    ...(socketDirectory && transport === "unix" && { [Variable.socketDirectory]: socketDirectory }),
    ...(ports && { [Variable.minPort]: String(ports.min), [Variable.maxPort]: String(ports.max) }),
  };
}

/** Longest time that a plugin can be told to go on without a host, in ms: what timers can wait for. */
export const maxLingerMs = 2_147_483_647;

/** True for whole numbers of ms that a timer can wait for. */
export function isLingerTime(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms <= maxLingerMs;
}

/** True for whole ports from 1 to 65,535, lowest first. */
export function isRange({ min, max }: PortRange): boolean {
  return Number.isInteger(min) && Number.isInteger(max) && min >= 1 && max <= 65_535 && min <= max;
}

/** The digits of bytes. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
