import type { PluginError } from "../errors/mod.ts";
import type { Address } from "../runtime/runtime.ts";
import * as faults from "./_line_faults.ts";
import { quote } from "./_quote.ts";
import { isVersion } from "./versions.ts";

/** Version of the handshake itself: the first field of the line, the same as go-plugin's. */
export const coreVersion = 1;

/** Name of Plugwire's own protocol: the fifth field of the line. */
export const plugwireProtocol = "plugwire";

/** Longest handshake line, in bytes of UTF-8 without its newline. */
export const maxLineBytes = 16_384;

/** How the host reaches the plugin: go-plugin's two networks, and the plugin's own stdin and stdout. */
export type Network = "unix" | "tcp" | "stdio";

/** What stands in the address field of a `stdio` line, which needs none. */
const stdioAddress = "-";

/** The fields of a handshake line: `CORE|VERSION|NETWORK|ADDRESS|PROTOCOL|CERTIFICATE|MUX`. PROTOCOL.md §2.4. */
export interface HandshakeLine {
  /** Version of the handshake: 1. */
  readonly core: number;
  /** Protocol version that the plugin chose, 1 or more. */
  readonly version: number;
  readonly network: Network;
  /** Path of the socket, `host:port`, or `-`. */
  readonly address: string;
  /** Name of the protocol; `netrpc` when the line has no such field. */
  readonly protocol: string;
  /** The plugin's certificate: DER in base64, without padding. */
  readonly certificate?: string;
  /** go-plugin's answer to the question whether one connection is enough. It means nothing to `plugwire`. */
  readonly mux?: boolean;
}

/**
 * What a line of the plugin's stdout turned out to be. `output` is no handshake line; when it came close,
 * `suspicion` says what is wrong with it, for the case that no better line follows.
 */
export type LineReading =
  | { readonly kind: "output"; readonly suspicion?: PluginError }
  | { readonly kind: "line"; readonly line: HandshakeLine }
  | { readonly kind: "fault"; readonly error: PluginError };

/** Options of {@linkcode parseLine}. */
export interface ParseLineOptions {
  /** Protocols the host speaks. Default `["plugwire"]`. */
  readonly protocols?: readonly string[];
  /** True when the host asked for a certificate; one that it did not ask for is a fault. Default `false`. */
  readonly acceptCertificate?: boolean;
}

const networks: readonly string[] = ["unix", "tcp", "stdio"] satisfies Network[];
const goPluginProtocols: readonly string[] = ["grpc", "netrpc"];

/**
 * Writes a handshake line, without its newline.
 *
 * @param line The fields.
 * @returns The line: `1|1|unix|/tmp/x/s|plugwire|`.
 * @throws PluginError `bad_handshake` when the address cannot stand in a line (empty, `|`, a line break, NUL, or not
 * Unicode text) or the line is longer than {@linkcode maxLineBytes}.
 * @throws RangeError when a version is no whole number from 1 on.
 *
 * @example
 * ```ts
 * import { formatLine } from "./line.ts";
 * const line = formatLine({ core: 1, version: 1, network: "unix", address: "/tmp/x/s", protocol: "plugwire" });
 * console.log(line); // "1|1|unix|/tmp/x/s|plugwire|"
 * ```
 */
export function formatLine(line: HandshakeLine): string {
  const { core, version, network, address, protocol, certificate = "", mux } = line;
  if (!isVersion(core)) throw new RangeError(`core version must be a whole number from 1 on, got ${core}`);
  if (!isVersion(version)) throw new RangeError(`protocol version must be a whole number from 1 on, got ${version}`);
  if (!/^[A-Za-z0-9._+-]+$/.test(protocol))
    throw new RangeError(`protocol name must be letters and digits, got ${quote(protocol)}`);
  if (!/^[A-Za-z0-9+/=]*$/.test(certificate)) throw new RangeError("certificate must be base64");
  const unfit = whyUnfit(network, address);
  if (unfit !== undefined) throw faults.unfitAddress(network, address, unfit);
  const fields = [core, version, network, address, protocol, certificate, ...(mux === undefined ? [] : [mux])];
  const text = fields.join("|");
  if (byteLength(text) > maxLineBytes) throw faults.tooLong(text, maxLineBytes);
  return text;
}

/**
 * Reads one line of a plugin's stdout. It is taken for a handshake line only when its first field is a number and either
 * its third is a known network or its fifth a known protocol, so that a program may print tables
 * before it. Never throws.
 *
 * @param text The line, with or without its line break.
 * @param options What the host speaks.
 * @returns What it is: output, a handshake line, or a handshake line with a fault. Codes of faults: `bad_handshake`,
 * `core_version`, `unknown_network`, `unsupported_protocol`, `unexpected_certificate`.
 */
export function parseLine(text: string, options: ParseLineOptions = {}): LineReading {
  const { protocols = [plugwireProtocol], acceptCertificate = false } = options;
  const line = trim(text);
  // Split no further than the protocol needs: output may be long and full of bars.
  const fields = line.split("|", 9);
  if (fields.length < 4 || !/^[0-9]{1,10}$/.test(fields[0]!)) return { kind: "output" };
  const certain = networks.includes(fields[2]!) || isProtocol(fields[4], protocols);
  if (!certain && !/^[0-9]{1,10}\|[0-9]{1,10}\|[A-Za-z][A-Za-z0-9_+-]*\|/.test(line)) return { kind: "output" };
  const error = faultOf(line, fields, protocols, acceptCertificate);
  if (!certain) return { kind: "output", suspicion: error };
  if (error !== undefined) return { kind: "fault", error };
  return { kind: "line", line: toLine(fields) };
}

/** The address of a line as a runtime connects to it; `undefined` for `stdio`. */
export function lineAddress(line: HandshakeLine): Address | undefined {
  if (line.network === "unix") return { network: "unix", path: line.address };
  if (line.network === "tcp") return parseTcpAddress(line.address);
  return undefined;
}

/** Network and address field for where a plugin listens; without an address, those of `stdio`. */
export function addressFields(address: Address | undefined): Pick<HandshakeLine, "network" | "address"> {
  if (address === undefined) return { network: "stdio", address: stdioAddress };
  if (address.network === "unix") return { network: "unix", address: address.path };
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return { network: "tcp", address: `${host}:${address.port}` };
}

/** Reads `host:port` or `[ipv6]:port`; `undefined` when it is neither or the port is not from 1 to 65,535. */
function parseTcpAddress(address: string): Extract<Address, { network: "tcp" }> | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})$/.exec(address);
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port < 1 || port > 65_535) return undefined;
  return { network: "tcp", host: match[1] ?? match[2]!, port };
}

function faultOf(
  line: string,
  fields: readonly string[],
  protocols: readonly string[],
  acceptCertificate: boolean,
): PluginError | undefined {
  const [core = "", version = "", network = "", address = "", protocol = "netrpc", certificate = "", mux] = fields;
  if (byteLength(line) > maxLineBytes) return faults.tooLong(line, maxLineBytes);
  if (line.includes("\0") || line.includes("\uFFFD")) return faults.notText(line);
  if (Number(core) !== coreVersion) return faults.wrongCore(line, core, coreVersion);
  // What else stands in a line depends on the protocol, and a go-plugin plugin is best told so at once.
  if (networks.includes(network) && !protocols.includes(protocol))
    return faults.wrongProtocol(line, protocol, fields.length > 4, protocols);
  if (!/^[0-9]{1,10}$/.test(version) || !isVersion(Number(version))) return faults.badVersion(line, version);
  if (!networks.includes(network)) return faults.unknownNetwork(line, network, networks);
  if (network !== "stdio") {
    const unfit = whyUnfit(network as Network, address);
    if (unfit !== undefined) return faults.badAddress(line, network, address, unfit);
  }
  if (certificate !== "" && !acceptCertificate) return faults.unexpectedCertificate(certificate.length);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(certificate)) return faults.badField(line, "certificate", "base64", certificate);
  if (mux !== undefined && mux !== "" && mux !== "true" && mux !== "false")
    return faults.badField(line, "mux", "true or false", mux);
  return undefined;
}

function toLine(fields: readonly string[]): HandshakeLine {
  const [core, version, network, address = "", protocol = "netrpc", certificate, mux] = fields;
  return {
    core: Number(core),
    version: Number(version),
    network: network as Network,
    address,
    protocol,
    ...(certificate ? { certificate } : {}),
    ...(mux ? { mux: mux === "true" } : {}),
  };
}

/** Says why an address cannot be used, or `undefined` when it can. */
function whyUnfit(network: Network, address: string): string | undefined {
  if (address.trim() === "") return "it is empty";
  if (address.includes("|")) return 'it contains "|", which separates the fields';
  if (/[\r\n]/.test(address)) return "it contains a line break, which ends the line";
  if (address.includes("\0")) return "it contains a NUL byte";
  if (!address.isWellFormed() || address.includes("\uFFFD")) return "it is not Unicode text";
  if (network === "tcp" && parseTcpAddress(address) === undefined)
    return "it is not host:port with a port from 1 to 65535";
  return undefined;
}

function isProtocol(name: string | undefined, protocols: readonly string[]): boolean {
  return (
    name !== undefined && (protocols.includes(name) || goPluginProtocols.includes(name) || name === plugwireProtocol)
  );
}

// Only what may stand around a line on a terminal: `String.trim` also takes marks that a scanner of bytes would not.
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && " \t\r\n".includes(text[start]!)) start++;
  while (end > start && " \t\r\n".includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
