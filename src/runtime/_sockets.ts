import net from "node:net";
import type { TLSSocket } from "node:tls";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type Link, writeBufferBytes } from "../transport/link.ts";
import { removeNow } from "./_files.ts";
import { StreamLink } from "./_stream_link.ts";
import { errnoOf, messageOf, systemError } from "./_system_errors.ts";
import type { Address, ConnectSocketOptions, Listener, ListenSocketOptions } from "./runtime.ts";

/**
 * Bytes of a Unix socket path that every runtime takes, without the zero at its end: `sun_path` has 108 on Linux
 * and 104 on macOS and the BSDs. Past it old runtimes cut the path off in silence.
 */
function pathLimit(): number {
  return process.platform === "linux" ? 107 : 103;
}

/** Says where an address is, as in error messages: `unix /tmp/x/s`. */
function addressName(address: Address): string {
  return address.network === "unix" ? `unix ${address.path}` : `tcp ${address.host}:${address.port}`;
}

/**
 * Checks that an address can be used at all.
 *
 * @throws PluginError `address_too_long`.
 */
export function checkAddress(address: Address): void {
  checkLength("use", address);
}

function checkLength(verb: string, address: Address): void {
  if (address.network !== "unix") return;
  const length = new TextEncoder().encode(address.path).length;
  const limit = pathLimit();
  if (length <= limit) return;
  throw new PluginError(
    ErrorCode.addressTooLong,
    `cannot ${verb} ${address.path}: the path of a Unix socket has at most ${limit} bytes, and this one has ` +
      `${length}; set TMPDIR to a directory with a shorter name`,
    { errno: "ENAMETOOLONG" },
  );
}

function socketLink(address: Address, socket: net.Socket, binding?: Uint8Array): Link {
  // Coalescing is the session's work; Nagle's would only hold its writes back.
  if (address.network === "tcp") socket.setNoDelay(true);
  // An alert of the other side's leaves half of the connection open, and nobody would hear that it is over.
  if (binding !== undefined) socket.on("error", () => socket.destroy());
  return new StreamLink(addressName(address), socket, socket, binding);
}

/** Few connections begin with TLS; the others need not pay for loading it. */
async function loadTls({ tls: own }: { readonly tls?: ListenSocketOptions["tls"] }): Promise<Tls | undefined> {
  if (own === undefined) return undefined;
  const load = await import("./_tls.ts");
  load.checkTls(own);
  return { ...load, own };
}

type Tls = typeof import("./_tls.ts") & { readonly own: NonNullable<ListenSocketOptions["tls"]> };

function refusedTls(thrown: unknown, tls: Tls): PluginError {
  const why = tls.tlsReason(thrown) ?? messageOf(thrown);
  return new PluginError(ErrorCode.authentication, `no TLS with a host: ${why}`, {
    errno: errnoOf(thrown),
    cause: thrown,
  });
}

/** Makes what takes the connections. */
function serverFor(
  address: Address,
  onLink: (link: Link) => void,
  tls: Tls | undefined,
  { onRefused }: ListenSocketOptions,
): net.Server {
  if (tls === undefined) {
    // Without allowHalfOpen an answer that comes after the peer's end is lost.
    const options = { allowHalfOpen: true, highWaterMark: writeBufferBytes };
    return net.createServer(options, (socket) => onLink(socketLink(address, socket)));
  }
  const { own } = tls;
  return tls.tlsServer(
    own,
    (socket) => onLink(socketLink(address, socket, tls.certificateHashes(socket, own, true))),
    (error) => onRefused?.(refusedTls(error, tls)),
  );
}

/** Listens through `node:net`, or `node:tls`. */
export async function listen(
  address: Address,
  onLink: (link: Link) => void,
  options: ListenSocketOptions = {},
): Promise<Listener> {
  checkLength("listen on", address);
  const server = serverFor(address, onLink, await loadTls(options), options);
  return await new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(systemError(ErrorCode.startFailed, `cannot listen on ${addressName(address)}`, error));
    server.once("error", fail);
    const listening = (): void => {
      server.off("error", fail);
      // A failed accept (too many open files) concerns one connection, whose caller sees it end.
      server.on("error", () => {});
      resolve(listener(server, address));
    };
    try {
      if (address.network === "unix") server.listen({ path: address.path }, listening);
      else server.listen({ host: address.host, port: address.port }, listening);
    } catch (error) {
      fail(error);
    }
  });
}

function listener(server: net.Server, asked: Address): Listener {
  let closing: Promise<void> | undefined;
  const bound = server.address();
  const address: Address =
    asked.network === "tcp" && typeof bound === "object" && bound !== null ? { ...asked, port: bound.port } : asked;
  const close = async (): Promise<void> => {
    // Its callback waits for the connections too, and those live on.
    server.close();
    if (asked.network === "unix") removeNow(asked.path);
  };
  return {
    address,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

const connectReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket",
  ECONNREFUSED: "nothing listens there",
  EACCES: "this user may not",
};

function connectError(address: Address, thrown: unknown, tls: Tls | undefined): PluginError {
  const what = `cannot connect to ${addressName(address)}`;
  const errno = errnoOf(thrown);
  const fault = tls?.tlsReason(thrown);
  if (fault !== undefined)
    return new PluginError(ErrorCode.authentication, `${what}: ${fault}`, { errno, cause: thrown });
  const reason = connectReasons[errno ?? ""];
  if (reason === undefined) return systemError(ErrorCode.connectFailed, what, thrown);
  return new PluginError(ErrorCode.connectFailed, `${what}: ${reason} (${errno})`, { errno, cause: thrown });
}

/** Begins to connect. What goes wrong comes as an event. */
function begin(address: Address, connected: (socket: net.Socket) => void, tls: Tls | undefined): net.Socket {
  if (tls !== undefined) {
    const socket = tls.tlsConnect(address, tls.own, () => connected(socket));
    return socket;
  }
  // Passed on to the stream inside; its types do not say so.
  const buffered = { allowHalfOpen: true, highWaterMark: writeBufferBytes };
  const socket = new net.Socket(buffered);
  if (address.network === "unix") socket.connect({ path: address.path }, () => connected(socket));
  else socket.connect({ host: address.host, port: address.port }, () => connected(socket));
  return socket;
}

/** Connects through `node:net`, or `node:tls`. */
export async function connect(address: Address, options: ConnectSocketOptions = {}): Promise<Link> {
  const { signal } = options;
  signal?.throwIfAborted();
  checkLength("connect to", address);
  const tls = await loadTls(options);
  signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    let socket: net.Socket;
    const fail = (error: unknown): void => reject(connectError(address, error, tls));
    const connected = (): void => {
      socket.off("error", failed);
      socket.off("end", ended);
      signal?.removeEventListener("abort", abort);
      resolve(socketLink(address, socket, tls?.certificateHashes(socket as TLSSocket, tls.own, false)));
    };
    const giveUp = (): void => {
      signal?.removeEventListener("abort", abort);
      socket.off("error", failed);
      socket.on("error", () => {});
      socket.destroy();
    };
    const failed = (error: unknown): void => {
      giveUp();
      fail(error);
    };
    const abort = (): void => {
      giveUp();
      reject(signal?.reason);
    };
    const ended = (): void => failed(new Error("the connection ended before TLS was agreed on"));
    try {
      socket = begin(address, connected, tls);
    } catch (error) {
      return fail(error);
    }
    socket.once("error", failed);
    // Half of a connection that is open yet would be waited for.
    if (tls !== undefined) socket.once("end", ended);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
