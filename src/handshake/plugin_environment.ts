import { ErrorCode, PluginError } from "../errors/mod.ts";
import { quote } from "./_quote.ts";
import {
  isLingerTime,
  isRange,
  type Lifeline,
  maxLingerMs,
  type PortRange,
  secretBytes,
  type TransportName,
} from "./environment.ts";
import { Variable } from "./variables.ts";
import { maxVersion } from "./versions.ts";

/** What a plugin was told by its host. Everything is optional on the wire; what a field is without its variable stands beside it. */
export interface PluginEnvironment {
  /** Version of the host's Plugwire; `undefined` under another host, such as go-plugin. */
  readonly host: string | undefined;
  /** Protocol versions the host speaks, in its order; 0 is what a go-plugin host without versions sends. `undefined`: it sent no list. */
  readonly versions: readonly number[] | undefined;
  /** Protocols the host speaks, the best first; `undefined`: it did not say. */
  readonly protocols: readonly string[] | undefined;
  /** How to be reached. Without its variable `unix`. */
  readonly transport: TransportName;
  /** The 32 bytes both sides prove themselves with; `undefined`: none. */
  readonly secret: Uint8Array | undefined;
  /** What means the host's death. Without its variable `none`: other hosts hand over their own stdin, which may be at its end. */
  readonly lifeline: Lifeline;
  /** How long to go on without a host, in ms, for another to come; `undefined`: not at all. */
  readonly lingerMs: number | undefined;
  /** Directory of the files that its output goes to, which it is to keep within their quota; `undefined`: it goes elsewhere. */
  readonly outputDirectory: string | undefined;
  /** Where to make the socket; `undefined`: the plugin makes a directory. */
  readonly socketDirectory: string | undefined;
  /** Ports to listen on; `undefined`: any. */
  readonly ports: PortRange | undefined;
}

const transports: readonly TransportName[] = ["unix", "stdio", "tcp"];
const lifelines: readonly Lifeline[] = ["stdin", "session", "none"];
const maxListed = 1_000;

/**
 * Reads the variables of the handshake. An empty one counts as absent.
 *
 * @param get Reads a variable of the environment.
 * @throws PluginError `bad_handshake` that names the variable, its rule and, but for the secret, its value.
 */
export function readPluginEnvironment(get: (name: string) => string | undefined): PluginEnvironment {
  const read = (name: string): string | undefined => get(name) || undefined;
  return {
    host: read(Variable.host),
    versions: readVersions(read(Variable.versions)),
    protocols: readProtocols(read(Variable.protocols)),
    transport: readOneOf(Variable.transport, read(Variable.transport), transports) ?? "unix",
    secret: readSecret(read(Variable.secret)),
    lifeline: readOneOf(Variable.lifeline, read(Variable.lifeline), lifelines) ?? "none",
    lingerMs: readLinger(read(Variable.linger)),
    outputDirectory: read(Variable.output),
    socketDirectory: readDirectory(read(Variable.socketDirectory)),
    ports: readPorts(read(Variable.minPort), read(Variable.maxPort)),
  };
}

function readVersions(value: string | undefined): number[] | undefined {
  if (value === undefined) return undefined;
  const parts = value.split(",", maxListed + 1).map((part) => part.trim());
  const rule = `whole numbers separated by commas, at most ${maxListed} of them`;
  if (parts.length > maxListed) throw nonsense(Variable.versions, rule, value);
  if (parts.some((part) => !/^[0-9]{1,10}$/.test(part) || Number(part) > maxVersion))
    throw nonsense(Variable.versions, rule, value);
  return parts.map(Number);
}

function readProtocols(value: string | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const parts = value.split(",", maxListed + 1).map((part) => part.trim());
  if (parts.length > maxListed || parts.some((part) => !/^[A-Za-z0-9._+-]+$/.test(part))) {
    throw nonsense(Variable.protocols, "names of protocols separated by commas", value);
  }
  return parts;
}

function readSecret(value: string | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  if (value.length !== secretBytes * 2 || !/^[0-9A-Fa-f]+$/.test(value)) {
    // The value stays out of the message: it may be a good secret with one character too many.
    throw bad(Variable.secret, `${secretBytes * 2} hexadecimal digits`, `${value.length} characters`);
  }
  return Uint8Array.from({ length: secretBytes }, (_, index) =>
    Number.parseInt(value.slice(index * 2, index * 2 + 2), 16),
  );
}

function readDirectory(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  // A path that cannot stand in the line is better refused before a socket is made there.
  if (/[|\r\n\0]/.test(value))
    throw nonsense(Variable.socketDirectory, 'a path without "|", line breaks and NUL', value);
  return value;
}

function readLinger(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^[0-9]{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!isLingerTime(ms)) throw nonsense(Variable.linger, `a whole number of ms from 0 to ${maxLingerMs}`, value);
  return ms;
}

function readPorts(min: string | undefined, max: string | undefined): PortRange | undefined {
  if (min === undefined && max === undefined) return undefined;
  const range = { min: readPort(Variable.minPort, min, 1), max: readPort(Variable.maxPort, max, 65_535) };
  if (!isRange(range)) throw bad(Variable.maxPort, `at least ${Variable.minPort}`, `${range.max}, below ${range.min}`);
  return range;
}

function readPort(name: string, value: string | undefined, absent: number): number {
  if (value === undefined) return absent;
  const port = /^[0-9]{1,5}$/.test(value) ? Number(value) : 0;
  if (port < 1 || port > 65_535) throw nonsense(name, "a port from 1 to 65535", value);
  return port;
}

function readOneOf<T extends string>(name: string, value: string | undefined, known: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined) throw nonsense(name, `one of ${known.join(", ")}`, value);
  return found;
}

function nonsense(name: string, rule: string, value: string): PluginError {
  return bad(name, rule, quote(value));
}

function bad(name: string, rule: string, met: string): PluginError {
  return new PluginError(
    ErrorCode.badHandshake,
    `cannot read what the host said in the environment: ${name} must be ${rule}, and is ${met}`,
  );
}
