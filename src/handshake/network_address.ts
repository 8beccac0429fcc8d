import { shownValue } from "../errors/check_options.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Address, TlsOptions } from "../runtime/runtime.ts";
import { secretBytes } from "./environment.ts";

const forms = 'as in "tcp://host:port", "tcp://[::1]:port" or "unix:/path"';

/**
 * Reads an address as people write it.
 *
 * @param value `tcp://host:port`, `unix:/path`, a URL of these, or an {@linkcode Address}.
 * @param what What it is, for errors: `option address of serve`.
 * @param lowestPort 1, or 0 where the system may choose.
 * @throws TypeError when it is none.
 */
export function parseAddress(value: unknown, what: string, lowestPort: 0 | 1 = 1): Address {
  const address = typeof value === "string" || value instanceof URL ? fromText(String(value)) : fromObject(value);
  if (address === undefined) throw new TypeError(`${what} must be an address ${forms}, not ${shownValue(value)}`);
  if (address.network === "tcp" && address.port < lowestPort)
    throw new TypeError(`${what} must have a port from ${lowestPort} to 65535, not ${address.port}`);
  return address;
}

/** The same address as people write it. */
export function addressText(address: Address): string {
  if (address.network === "unix") return `unix:${address.path}`;
  return `tcp://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

/** True when nothing that is sent there leaves this machine. Names other than `localhost` may be anywhere. */
export function isLoopback(address: Address): boolean {
  if (address.network === "unix") return true;
  const host = address.host.toLowerCase();
  return host === "localhost" || host === "::1" || /^127(\.[0-9]{1,3}){3}$/.test(host);
}

/**
 * Reads a secret as people keep it.
 *
 * @param value 64 hexadecimal digits, or 32 bytes.
 * @param what What it is, for errors.
 * @throws TypeError when it is neither; never with its value.
 */
export function parseSecret(value: unknown, what: string): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const digits = secretBytes * 2;
  const wayOut = "(`openssl rand -hex 32` makes one)";
  if (value instanceof Uint8Array) {
    if (value.length === secretBytes) return value;
    throw new TypeError(`${what} must have ${secretBytes} bytes, and has ${value.length} ${wayOut}`);
  }
  if (typeof value !== "string")
    throw new TypeError(`${what} must be ${digits} hexadecimal digits or ${secretBytes} bytes ${wayOut}`);
  if (value.length !== digits || !/^[0-9A-Fa-f]+$/.test(value)) {
    const met = value.length === digits ? "has other characters" : `has ${value.length} characters`;
    throw new TypeError(`${what} must be ${digits} hexadecimal digits, and ${met} ${wayOut}`);
  }
  return Uint8Array.from({ length: secretBytes }, (_, at) => Number.parseInt(value.slice(2 * at, 2 * at + 2), 16));
}

/** How an address is to be used, for {@linkcode checkExposure}. */
export interface Exposure {
  readonly address: Address;
  readonly secret: Uint8Array | undefined;
  readonly tls: TlsOptions | undefined;
  /** Somebody has said that the network is as good as this machine. */
  readonly insecure: boolean;
}

/**
 * Refuses what would let others call a plugin, or read what is sent.
 *
 * @throws PluginError `authentication`, which says the way out.
 */
export function checkExposure({ address, secret, tls, insecure }: Exposure): void {
  if (address.network === "unix") return;
  const where = addressText(address);
  if (secret === undefined) {
    const why = "whoever reaches that port could call the plugin";
    const wayOut = "give both sides the same secret, 64 hexadecimal digits (`openssl rand -hex 32` makes one)";
    throw refused(`${where} is refused without a secret: ${why}; ${wayOut}`);
  }
  if (tls !== undefined || insecure || isLoopback(address)) return;
  const why = "it is not on this machine, and calls would cross the network for others to read and change";
  const wayOut = "give tls, or say insecure: true where the network itself is encrypted and trusted";
  throw refused(`${where} is refused without TLS: ${why}; ${wayOut}`);
}

function refused(text: string): PluginError {
  return new PluginError(ErrorCode.authentication, text, { execution: "none" });
}

function fromText(text: string): Address | undefined {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return path.startsWith("/") && !path.includes("\0") ? { network: "unix", path } : undefined;
  }
  const match = /^tcp:\/\/(?:\[([0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})\/?$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { network: "tcp", host: match[1] ?? match[2]!, port };
}

function fromObject(value: unknown): Address | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { network, path, host, port } = value as Record<string, unknown>;
  if (network === "unix" && typeof path === "string" && path !== "") return { network, path };
  const isPort = typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65_535;
  if (network === "tcp" && typeof host === "string" && host !== "" && isPort) return { network, host, port };
  return undefined;
}
