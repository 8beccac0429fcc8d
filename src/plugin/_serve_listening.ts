import { ErrorCode, PluginError } from "../errors/mod.ts";
import { addressText, handshakeVariables, listenVariables } from "../handshake/mod.ts";
import { log } from "../log/mod.ts";
import { KeepAlive, rpcEnvironment } from "../rpc/mod.ts";
import type { Address, Listener, Runtime } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";
import { HostConnections } from "./_host_connections.ts";
import { ManyHosts } from "./_many_hosts.ts";
import type { ListenPlace } from "./listen_options.ts";
import { pluginSession } from "./plugin_session.ts";
import type { FullServeOptions } from "./serve_options.ts";

/** Time a plugin has to end by itself once it serves nobody any more, in ms. */
const exitGraceMs = 2_000;

/** Serves hosts that come to an address, until this process is told to end. PROTOCOL.md §2.9. */
export async function serveListening(runtime: Runtime, options: FullServeOptions, place: ListenPlace): Promise<void> {
  const { secret, keepAlive, drainMs } = place;
  // What this process starts does not inherit the secret.
  runtime.forgetEnv([...handshakeVariables, ...listenVariables]);
  runtime.endOnUncaught();
  const { scheduler } = rpcEnvironment(runtime);
  const isWatched = place.address.network === "tcp" && keepAlive !== false;
  const hosts = new ManyHosts();
  const watches = new WeakMap<object, KeepAlive>();
  const connections = new HostConnections(
    (link) => {
      if (!isWatched) return pluginSession(link, runtime, options, secret);
      const watch = new KeepAlive(scheduler, keepAlive);
      const session = pluginSession(watch.over(link), runtime, options, secret);
      watches.set(session, watch);
      return session;
    },
    (session) => {
      watches.get(session)?.watch(session, "the host");
      hosts.take(session);
    },
    options.limits.maxUnproved,
  );
  const over = Promise.withResolvers<string>();
  const undos = ["SIGTERM", "SIGINT"].map((name) => runtime.onSignal(name, () => over.resolve(name)));
  const listener = await listen(runtime, place, (link) => void connections.accept(link));
  const { address } = listener;
  log.info(`listening on ${addressText(address)}${place.tls === undefined ? "" : " with TLS"}`, { pid: runtime.pid });
  place.onListening(address);
  const signal = await over.promise;
  log.info(`${signal}: no new hosts and calls, running calls may end`, { hosts: hosts.size, drainMs });
  await listener.close();
  connections.close();
  const late = await hosts.drain(drainMs, runtime);
  if (late > 0) log.warn(`calls of ${late} hosts were still running after ${drainMs} ms (listen.drainMs)`);
  await hosts.gone();
  for (const undo of undos) undo();
  runtime.setTimer(() => runtime.exit(0), exitGraceMs);
}

async function listen(
  runtime: Runtime,
  { address, tls }: ListenPlace,
  onLink: (link: Link) => void,
): Promise<Listener> {
  const options = { tls, onRefused: (error: PluginError) => log.warn(`a connection was refused: ${error.message}`) };
  try {
    return await runtime.listen(address, onLink, options);
  } catch (error) {
    if (!(await isLeftover(runtime, address, error))) throw error;
    await runtime.remove((address as { readonly path: string }).path);
    return await runtime.listen(address, onLink, options);
  }
}

/** True for the socket file of one that was killed: nobody listens there any more. */
async function isLeftover(runtime: Runtime, address: Address, thrown: unknown): Promise<boolean> {
  if (address.network !== "unix" || !(thrown instanceof PluginError) || thrown.errno !== "EADDRINUSE") return false;
  if ((await runtime.stat(address.path))?.kind !== "socket") return false;
  try {
    (await runtime.connect(address)).destroy();
    return false;
  } catch (error) {
    return error instanceof PluginError && error.code === ErrorCode.connectFailed && error.errno === "ECONNREFUSED";
  }
}
