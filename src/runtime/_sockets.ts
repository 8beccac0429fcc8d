import net from "node:net";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type Link, writeBufferBytes } from "../transport/link.ts";
import { removeNow } from "./_files.ts";
import { StreamLink } from "./_stream_link.ts";
import { errnoOf, systemError } from "./_system_errors.ts";
import type { Address, Listener } from "./runtime.ts";

/**
 * Bytes of a Unix socket path that every runtime takes, without the zero at its end: `sun_path` has 108 on Linux
 * and 104 on macOS and the BSDs. Past it old runtimes cut the path off in silence.
 */
function pathLimit(): number {
  return process.platform === "linux" ? 107 : 103;
}

/** Says where an address is, as in error messages: `unix /tmp/x/s`. */
export function addressName(address: Address): string {
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

function socketLink(address: Address, socket: net.Socket): Link {
  // Coalescing is the session's work; Nagle's would only hold its writes back.
  if (address.network === "tcp") socket.setNoDelay(true);
  return new StreamLink(addressName(address), socket, socket);
}

/** Listens through `node:net`. */
export function listen(address: Address, onLink: (link: Link) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    checkLength("listen on", address);
    const fail = (error: unknown): void =>
      reject(systemError(ErrorCode.startFailed, `cannot listen on ${addressName(address)}`, error));
    // Without allowHalfOpen an answer that comes after the peer's end is lost.
    const options = { allowHalfOpen: true, highWaterMark: writeBufferBytes };
    const server = net.createServer(options, (socket) => onLink(socketLink(address, socket)));
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

function connectError(address: Address, thrown: unknown): PluginError {
  const what = `cannot connect to ${addressName(address)}`;
  const errno = errnoOf(thrown);
  const reason = connectReasons[errno ?? ""];
  if (reason === undefined) return systemError(ErrorCode.connectFailed, what, thrown);
  return new PluginError(ErrorCode.connectFailed, `${what}: ${reason} (${errno})`, { errno, cause: thrown });
}

/** Connects through `node:net`. */
export function connect(address: Address, options: { readonly signal?: AbortSignal } = {}): Promise<Link> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    checkLength("connect to", address);
    // Passed on to the stream inside; its types do not say so.
    const buffered = { allowHalfOpen: true, highWaterMark: writeBufferBytes };
    const socket = new net.Socket(buffered);
    const settled = (): void => {
      socket.off("error", fail);
      signal?.removeEventListener("abort", abort);
    };
    const fail = (error: unknown): void => {
      settled();
      socket.on("error", () => {});
      socket.destroy();
      reject(connectError(address, error));
    };
    const abort = (): void => {
      settled();
      socket.on("error", () => {});
      socket.destroy();
      reject(signal?.reason);
    };
    socket.once("error", fail);
    signal?.addEventListener("abort", abort, { once: true });
    const connected = (): void => {
      settled();
      resolve(socketLink(address, socket));
    };
    try {
      if (address.network === "unix") socket.connect({ path: address.path }, connected);
      else socket.connect({ host: address.host, port: address.port }, connected);
    } catch (error) {
      fail(error);
    }
  });
}
