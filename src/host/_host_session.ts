import type { PluginError } from "../errors/mod.ts";
import { acceptVersion } from "../handshake/mod.ts";
import { makeHello, processIdentity } from "../hello/mod.ts";
import { checkServed } from "../plugin/serve_options.ts";
import { RpcSession, rpcEnvironment } from "../rpc/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";
import { fullLimits } from "../wire/mod.ts";
import { type ConnectOptions, versionsFrom } from "./options.ts";

/** What {@linkcode openHostSession} needs beside the options. */
export interface HostSessionParts {
  readonly runtime: Runtime;
  readonly name: string;
  readonly options: ConnectOptions;
  readonly secret?: Uint8Array;
  readonly explain?: (error: PluginError) => Promise<PluginError>;
}

/**
 * The host's side of a session over a link, up to the end of its greeting.
 * @throws PluginError what the greeting failed with; `no_common_version` with both lists; `no_such_contract`.
 */
export async function openHostSession(link: Link, parts: HostSessionParts): Promise<RpcSession> {
  const { runtime, name, options, secret, explain } = parts;
  const limits = fullLimits(options.limits);
  const versions = versionsFrom(options);
  const served = options.provide ?? [];
  checkServed(served);
  const hello = () =>
    makeHello({
      role: "host",
      limits,
      identity: processIdentity(runtime.pid),
      auth: secret !== undefined,
      versions,
      version: null,
      served,
      owner: true,
    });
  const session = new RpcSession(link, {
    role: "host",
    limits,
    environment: rpcEnvironment(runtime),
    peerName: `plugin ${name}`,
    plugin: name,
    secret,
    hello,
    serve: () => served,
    explain,
    interceptors: options.interceptors,
    sendStacks: options.sendStacks,
    sharedStructure: options.sharedStructure,
    contractMismatch: options.contractMismatch,
  });
  session.start();
  try {
    await session.opened;
    const { version, versions: pluginVersions } = session.peerHello;
    acceptVersion(version, versions, { name, versions: pluginVersions });
    for (const contract of options.contracts ?? []) session.checkServed(contract);
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}
