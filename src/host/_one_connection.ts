import { ErrorCode, PluginError } from "../errors/mod.ts";
import { addressText } from "../handshake/mod.ts";
import type { Logger } from "../log/mod.ts";
import { KeepAlive, type KeepAliveOptions, type RpcSession, rpcEnvironment } from "../rpc/mod.ts";
import { reworded } from "../runner/mod.ts";
import type { Address, Runtime, TlsOptions } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";
import { openHostSession } from "./_host_session.ts";
import type { ConnectOptions } from "./options.ts";

/** What each connection to a plugin is made with. */
export interface ConnectionParts {
  readonly runtime: Runtime;
  readonly name: string;
  readonly address: Address;
  readonly secret: Uint8Array | undefined;
  readonly tls: TlsOptions | undefined;
  readonly keepAlive: KeepAliveOptions | false;
  readonly options: ConnectOptions;
  readonly log: Logger;
}

/**
 * Connects once, up to the end of the greeting.
 *
 * @param signal Gives up.
 * @throws PluginError `connect_failed`, `authentication`, `not_plugwire` and what else a greeting fails with; the signal's reason.
 */
export async function connectOnce(parts: ConnectionParts, signal: AbortSignal): Promise<RpcSession> {
  const { runtime, name, address, tls } = parts;
  const facts = { plugin: name, execution: "none" } as const;
  let link: Link;
  try {
    link = await runtime.connect(address, { signal, tls });
  } catch (error) {
    throw error instanceof PluginError && !signal.aborted ? error.with(facts) : error;
  }
  const giveUp = (): void => link.destroy();
  signal.addEventListener("abort", giveUp);
  try {
    return await greet(link, parts);
  } catch (error) {
    // Mistakes in the options are found before there is a session that would close the link.
    if (!(error instanceof PluginError)) link.destroy();
    if (signal.aborted) throw signal.reason;
    throw error instanceof PluginError ? explained(error, parts).with(facts) : error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

async function greet(link: Link, parts: ConnectionParts): Promise<RpcSession> {
  const { runtime, name, address, secret, keepAlive, options, log } = parts;
  const isWatched = address.network === "tcp" && keepAlive !== false;
  const watch = isWatched ? new KeepAlive(rpcEnvironment(runtime).scheduler, keepAlive) : undefined;
  const session = await openHostSession(watch?.over(link) ?? link, {
    runtime,
    name,
    options,
    secret,
    // It comes and goes; what started the plugin ends it.
    owner: false,
    trusted: () => {},
    explain: async (error) => lost(error, name, address),
    log,
  });
  watch?.watch(session, `plugin ${name}`);
  return session;
}

/** Which plugin, and where, for messages. One without a name is called by its address. */
export function placeOf(name: string, address: Address): string {
  const where = addressText(address);
  return name === where ? `plugin ${where}` : `plugin ${name} at ${where}`;
}

/** What calls, references and streams of a session fail with that broke. */
function lost(error: PluginError, name: string, address: Address): PluginError {
  const what = `the connection to ${placeOf(name, address)} ended, and with it the references and streams that came over it`;
  return reworded(error, `${what}: ${error.message}`);
}

/** Under TLS 1.3 this side learns only afterwards what the other one makes of its certificate. */
function explained(error: PluginError, { name, address, tls }: ConnectionParts): PluginError {
  const where = placeOf(name, address);
  const errno = errnoBehind(error);
  if (/ALERT|CERTIFICATE/.test(errno ?? "")) {
    const text = `${where} refuses this side's TLS (${errno}): it wants a certificate that it trusts (tls.cert and tls.key)`;
    return new PluginError(ErrorCode.authentication, text, { errno, cause: error });
  }
  const isEnd = error.code === ErrorCode.closed || error.code === ErrorCode.transport;
  if (!isEnd) return reworded(error, `cannot join ${where}: ${error.message}`);
  const hint = address.network === "tcp" || tls !== undefined ? `; ${hintFor(tls)}` : "";
  return reworded(error, `${where} ended the connection before it had said hello${hint}: ${error.message}`);
}

function hintFor(tls: TlsOptions | undefined): string {
  if (tls === undefined) return "it may speak TLS alone (tls)";
  return tls.cert === undefined
    ? "it may want a certificate of this side (tls.cert)"
    : "it may not trust this side's certificate (tls.cert)";
}

function errnoBehind(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { errno, code } = at as { readonly errno?: unknown; readonly code?: unknown };
    const found = typeof errno === "string" ? errno : code;
    if (typeof found === "string" && found.startsWith("ERR_SSL")) return found;
  }
  return undefined;
}
