import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import { agreedVersion } from "../handshake/mod.ts";
import { type Hello, makeHello, processIdentity } from "../hello/mod.ts";
import type { Logger } from "../log/mod.ts";
import { CloseCode } from "../mux/mod.ts";
import { RpcSession, rpcEnvironment } from "../rpc/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { traceLink } from "../trace/mod.ts";
import type { Link } from "../transport/mod.ts";
import { fullLimits } from "../wire/mod.ts";
import { type Provided, providedFrom } from "./_provided.ts";
import { type ConnectOptions, versionsFrom } from "./options.ts";

/** What {@linkcode openHostSession} needs beside the options. */
export interface HostSessionParts {
  readonly runtime: Runtime;
  readonly name: string;
  readonly options: ConnectOptions;
  readonly secret?: Uint8Array;
  /** The version in the plugin's line, where there was one. */
  readonly lineVersion?: number;
  /** Whether the plugin may be ended by this host, and ends with its session unless it was told otherwise. Default `true`. */
  readonly owner?: boolean;
  /** Looks at the hello of a plugin that is to be taken over, before this side proves itself. */
  readonly trusted?: (peer: Hello) => void;
  readonly explain?: (error: PluginError) => Promise<PluginError>;
  /** Takes the trace, where it goes to the log. Default: this program's. */
  readonly log?: Logger;
}

/**
 * The host's side of a session over a link, up to the end of its greeting.
 * @throws PluginError what the greeting failed with; `no_common_version` with both lists; `no_such_contract`.
 */
export async function openHostSession(link: Link, parts: HostSessionParts): Promise<RpcSession> {
  const { runtime, name, options, secret, lineVersion, explain } = parts;
  const limits = fullLimits(options.limits);
  const versions = versionsFrom(options);
  const provided = providedFrom(options);
  const versionOf = (peer: Hello): number =>
    agreedVersion({ version: peer.version, versions: peer.versions, name }, versions, lineVersion);
  const hello = () =>
    makeHello({
      role: "host",
      limits,
      identity: processIdentity(runtime.pid),
      auth: secret !== undefined,
      versions,
      version: null,
      served: provided.offered,
      owner: parts.owner ?? true,
    });
  const environment = rpcEnvironment(runtime);
  const { log = environment.log } = parts;
  const session = new RpcSession(traceLink(link, { peer: name, trace: options.trace, log, runtime }), {
    role: "host",
    limits,
    environment,
    peerName: `plugin ${name}`,
    plugin: name,
    secret,
    binding: link.binding,
    hello,
    version: versionOf,
    trusted: parts.trusted && ((peer) => checkBefore(peer, parts, versionOf)),
    serve: (peer) => servedIn(() => versionOf(peer), provided),
    explain,
    interceptors: options.interceptors,
    sendStacks: options.sendStacks,
    sharedStructure: options.sharedStructure,
    contractMismatch: options.contractMismatch,
  });
  session.start();
  try {
    await session.opened;
    versionOf(session.peerHello);
    for (const contract of options.contracts ?? []) session.checkServed(contract);
    return session;
  } catch (error) {
    // A plugin that lives on does not end because it is not what this host needs.
    session.close(undefined, parts.trusted === undefined ? CloseCode.normal : CloseCode.detached);
    throw error;
  }
}

/** A host that has nothing to say to a plugin must not take the place of another. @throws PluginError */
function checkBefore(
  peer: Hello,
  { name, options, trusted }: HostSessionParts,
  versionOf: (peer: Hello) => number,
): void {
  trusted?.(peer);
  versionOf(peer);
  const served = peer.contracts.map((contract) => contract.name);
  for (const { name: contract } of options.contracts ?? []) {
    if (served.includes(contract)) continue;
    const text = `plugin ${name} serves no contract ${JSON.stringify(contract)}${hint(contract, served)}`;
    throw new PluginError(ErrorCode.noSuchContract, text, { contract, plugin: name, execution: "none" });
  }
}

/** Nothing without a version in common: the session is about to be refused. */
function servedIn(version: () => number, provided: Provided): ReturnType<Provided["at"]> {
  try {
    return provided.at(version());
  } catch (error) {
    if (error instanceof PluginError && error.code === ErrorCode.noCommonVersion) return [];
    throw error;
  }
}
