import crypto from "node:crypto";
import tls from "node:tls";
import { writeBufferBytes } from "../transport/link.ts";
import { errnoOf, messageOf } from "./_system_errors.ts";
import type { Address, TlsOptions } from "./runtime.ts";

/** Time for a TLS handshake, in ms: as long as a connection may be unproved. PROTOCOL.md §9. */
const handshakeTimeoutMs = 5_000;

/** A server whose connections are told of once their TLS handshake is done. */
export function tlsServer(
  own: TlsOptions,
  onSocket: (socket: tls.TLSSocket) => void,
  onRefused: (error: unknown) => void,
): tls.Server {
  const asksForCertificate = own.ca !== undefined;
  const server = tls.createServer({
    minVersion: "TLSv1.3",
    ca: own.ca,
    cert: own.cert,
    key: own.key,
    requestCert: asksForCertificate,
    rejectUnauthorized: asksForCertificate,
    handshakeTimeout: handshakeTimeoutMs,
    allowHalfOpen: true,
    highWaterMark: writeBufferBytes,
  });
  server.on("secureConnection", onSocket);
  server.on("tlsClientError", onRefused);
  return server;
}

/** Connects; `connected` is called once this side has seen that the certificate of the other one is good. */
export function tlsConnect(address: Address, own: TlsOptions, connected: () => void): tls.TLSSocket {
  const { ca, cert, key, serverName } = own;
  const host = address.network === "tcp" ? address.host : undefined;
  const where = address.network === "tcp" ? { host: address.host, port: address.port } : { path: address.path };
  // Whom the certificate must be for. An address in digits is no name to ask for (RFC 6066).
  const name = serverName ?? host ?? "localhost";
  const options = {
    ...where,
    minVersion: "TLSv1.3",
    ca,
    cert,
    key,
    ...(isIp(name) ? {} : { servername: name }),
    checkServerIdentity: (_host: string, certificate: tls.PeerCertificate) =>
      tls.checkServerIdentity(name, certificate),
    // Passed on to the stream inside; the types do not say so.
    allowHalfOpen: true,
    highWaterMark: writeBufferBytes,
  };
  return tls.connect(options as unknown as tls.ConnectionOptions, connected);
}

/**
 * What binds a session to its TLS connection: the hash of the server's certificate, then that of the client's, zeros where it
 * has none. PROTOCOL.md §7.2.
 */
export function certificateHashes(socket: tls.TLSSocket, own: TlsOptions, isServer: boolean): Uint8Array {
  const mine = own.cert === undefined ? undefined : firstCertificate(own.cert);
  const peer = socket.getPeerCertificate()?.raw as Uint8Array | undefined;
  const [server, client] = isServer ? [mine, own.ca === undefined ? undefined : peer] : [peer, mine];
  const hashes = new Uint8Array(64);
  if (server !== undefined) hashes.set(sha256(server), 0);
  if (client !== undefined) hashes.set(sha256(client), 32);
  return hashes;
}

/** Says what went wrong in a TLS handshake; `undefined` for what has nothing to do with TLS. */
export function tlsReason(thrown: unknown): string | undefined {
  const errno = errnoOf(thrown) ?? "";
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH/.test(errno)) return "the other side does not speak TLS";
  if (errno === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `its certificate is for another name (tls.serverName): ${messageOf(thrown)}`;
  if (/PEER_DID_NOT_RETURN_A_CERTIFICATE/.test(errno))
    return "it shows no certificate, and this side asks for one (tls.ca)";
  if (/CERTIFICATE_REQUIRED/.test(errno)) return "it asks for a certificate of this side (tls.cert and tls.key)";
  if (/^(UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|CERT_)/.test(errno))
    return `its certificate is not trusted (tls.ca): ${messageOf(thrown)}`;
  return /^(ERR_SSL|ERR_TLS|EPROTO)/.test(errno) ? messageOf(thrown) : undefined;
}

/**
 * Checks what is to be used for TLS.
 *
 * @throws TypeError for what cannot be texts in PEM that belong together; never with what they are.
 */
export function checkTls({ ca, cert, key }: TlsOptions): void {
  const wrong = [
    ca !== undefined && !isCertificate(ca) ? "ca has no certificate in PEM" : "",
    cert !== undefined && !isCertificate(cert) ? "cert has no certificate in PEM" : "",
    key !== undefined && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key) ? "key has no private key in PEM" : "",
    (cert === undefined) !== (key === undefined) ? "cert and key go together, and one of them is missing" : "",
  ].find((text) => text !== "");
  // Not every runtime looks at them before they are used.
  if (wrong !== undefined) throw new TypeError(`tls cannot be used: ${wrong}`);
  try {
    tls.createSecureContext({ ca, cert, key });
  } catch (error) {
    throw new TypeError(`tls cannot be used: ca, cert and key must be PEM, and key that of cert (${messageOf(error)})`);
  }
}

function isCertificate(pem: string): boolean {
  return firstCertificate(pem) !== undefined;
}

function firstCertificate(pem: string): Uint8Array | undefined {
  const match = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem);
  return match === null
    ? undefined
    : Uint8Array.from(atob(match[1]!.replace(/\s+/g, "")), (char) => char.charCodeAt(0));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return crypto.createHash("sha256").update(bytes).digest();
}

function isIp(name: string): boolean {
  return /^[0-9.]+$/.test(name) || name.includes(":");
}
