import { ErrorCode, PluginError } from "../errors/mod.ts";
import { countOf, quote } from "./_quote.ts";

const tried = "cannot take up the plugin's handshake line";

/** A plugin's own address that cannot be written into a line. */
export function unfitAddress(network: string, address: string, why: string): PluginError {
  return new PluginError(
    ErrorCode.badHandshake,
    `cannot announce the ${network} address ${quote(address)}: ${why}; listen on another address`,
  );
}

export function tooLong(line: string, maxBytes: number): PluginError {
  return new PluginError(
    ErrorCode.badHandshake,
    `${tried}: it is longer than ${countOf(maxBytes, "byte")}; it begins with ${quote(line.slice(0, 80))}`,
  );
}

export function notText(line: string): PluginError {
  return new PluginError(ErrorCode.badHandshake, `${tried} ${quote(line)}: it is not UTF-8 text free of NUL bytes`);
}

export function wrongCore(line: string, core: string, ours: number): PluginError {
  return new PluginError(
    ErrorCode.coreVersion,
    `${tried} ${quote(line)}: its core version is ${core} and this host knows core version ${ours} only; ` +
      `use a plugin library and a host library that share it`,
  );
}

export function wrongProtocol(line: string, protocol: string, named: boolean, ours: readonly string[]): PluginError {
  const speaks = `Plugwire speaks ${ours.map(quote).join(" or ")}`;
  if (protocol === "grpc" || protocol === "netrpc") {
    const name = named ? quote(protocol) : `${quote(protocol)} (it names none, which means that one)`;
    return new PluginError(
      ErrorCode.unsupportedProtocol,
      `${tried} ${quote(line)}: its protocol is ${name}, so it is a plugin of hashicorp/go-plugin, and ${speaks}; ` +
        `load it with a go-plugin host, or serve it with serve() of Plugwire`,
    );
  }
  return new PluginError(
    ErrorCode.unsupportedProtocol,
    `${tried} ${quote(line)}: its protocol is ${quote(protocol)}, and ${speaks}`,
  );
}

export function badVersion(line: string, version: string): PluginError {
  return new PluginError(
    ErrorCode.badHandshake,
    `${tried} ${quote(line)}: its protocol version must be a whole number from 1 to 2147483647, and is ${quote(version)}`,
  );
}

export function unknownNetwork(line: string, network: string, known: readonly string[]): PluginError {
  return new PluginError(
    ErrorCode.unknownNetwork,
    `${tried} ${quote(line)}: its network is ${quote(network)}, and this host knows ${known.join(", ")}`,
  );
}

export function badAddress(line: string, network: string, address: string, why: string): PluginError {
  return new PluginError(
    ErrorCode.badHandshake,
    `${tried} ${quote(line)}: cannot use its ${network} address ${quote(address)}: ${why}`,
  );
}

export function unexpectedCertificate(length: number): PluginError {
  return new PluginError(
    ErrorCode.unexpectedCertificate,
    `${tried}: it brings a certificate (${countOf(length, "character")} of base64) that this host did not ask for; ` +
      `turn TLS on in both or in neither`,
  );
}

export function badField(line: string, field: string, rule: string, value: string): PluginError {
  return new PluginError(
    ErrorCode.badHandshake,
    `${tried} ${quote(line)}: its ${field} field must be ${rule}, and is ${quote(value)}`,
  );
}
