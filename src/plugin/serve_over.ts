import type { Served } from "../contract/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import { asLink } from "../transport/as_link.ts";
import type { Duplex, Link } from "../transport/mod.ts";
import { pluginSession } from "./plugin_session.ts";
import { readServeArguments, type ServeOptions } from "./serve_options.ts";

/**
 * Serves contracts over a connection of one's own: a WebSocket, a WebTransport stream, a message port made into Web
 * Streams. The other side is {@linkcode attach}. No cookie is asked for and nobody proves anything: the connection has to be
 * one that is trusted.
 *
 * @param connection Web Streams of bytes, or a link.
 * @param served What `contract.implement()` gave, or one object with `versions`.
 * @returns Settles when the session is over.
 * @throws PluginError with what broke the session.
 * @throws TypeError for what is no connection.
 */
export async function serveOver(
  connection: Duplex | Link,
  ...served: readonly Served[] | readonly [ServeOptions]
): Promise<void> {
  const options = readServeArguments(served);
  const runtime = options.adapter ?? (await detectRuntime());
  const link = asLink(connection, "what to serve over");
  const session = pluginSession(link, runtime, options, undefined);
  session.start();
  await session.opened;
  const error = await session.closed;
  if (error !== undefined) throw error;
}
