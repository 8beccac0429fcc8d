import { addressText, type DebuggedPlugin, secretOf } from "../handshake/mod.ts";
import { createLogger } from "../log/logger.ts";
import { logSinkFrom } from "../output/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { AddressedPlugin } from "./_connected_plugin.ts";
import { Connection } from "./_connection.ts";
import { type AttachOptions, defaultStartTimeoutMs } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** Joins, as a guest, a plugin of which only the address is known: its process may be another one after each reload. */
export async function visitDebugged(
  { address, secret }: DebuggedPlugin,
  options: AttachOptions,
  runtime: Runtime,
): Promise<Plugin> {
  const { startTimeoutMs = defaultStartTimeoutMs, signal } = options;
  const name = options.name ?? addressText(address);
  const log = createLogger({ source: name, sink: logSinkFrom(options.log, runtime) });
  const parts = { runtime, name, address, secret: secretOf(secret), tls: undefined, keepAlive: {}, options, log };
  const connection = new Connection(parts, {
    reconnect: undefined,
    startTimeoutMs,
    tell: () => {},
    random: Math.random,
  });
  await connection.open(signal);
  return new AddressedPlugin(connection, { runtime, name, options });
}
