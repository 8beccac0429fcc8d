import { chooseVersion } from "../handshake/mod.ts";
import { type Hello, makeHello, processIdentity } from "../hello/mod.ts";
import { RpcSession, rpcEnvironment } from "../rpc/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { traceLink } from "../trace/mod.ts";
import type { Link } from "../transport/mod.ts";
import type { FullServeOptions } from "./serve_options.ts";

/** The plugin's side of a session over a link. @param hasOwner Whether there is a host that may end the plugin. */
export function pluginSession(
  link: Link,
  runtime: Runtime,
  options: FullServeOptions,
  secret: Uint8Array | undefined,
  hasOwner: () => boolean = () => false,
): RpcSession {
  const { limits, versionList, versions } = options;
  const versionFor = (peer: Hello | undefined): number | null => commonVersion(peer?.versions, versionList);
  const served = (peer: Hello | undefined) => {
    const version = versionFor(peer);
    return version === null ? [] : versions[version]!;
  };
  // Without a version in common the host ends the session; until then the plugin is what it says in its line.
  const lowest = Math.min(...versionList);
  const environment = rpcEnvironment(runtime);
  const traced = traceLink(link, { peer: "the host", trace: options.trace, log: environment.log, runtime });
  return new RpcSession(traced, {
    role: "plugin",
    limits,
    environment,
    peerName: "the host",
    secret,
    binding: link.binding,
    hello: (peer) =>
      makeHello({
        role: "plugin",
        limits,
        identity: processIdentity(runtime.pid),
        auth: secret !== undefined,
        versions: versionList,
        version: versionFor(peer),
        served: served(peer),
        owner: hasOwner(),
      }),
    version: (peer) => versionFor(peer) ?? lowest,
    serve: served,
    interceptors: options.interceptors,
    sendStacks: options.sendStacks,
    sharedStructure: options.sharedStructure,
    contractMismatch: options.contractMismatch,
  });
}

/** The highest common version; `null` when there is none: the host, which reads both lists, says so. */
function commonVersion(host: readonly number[] | undefined, own: readonly number[]): number | null {
  if (host !== undefined && !own.some((version) => host.includes(version))) return null;
  return chooseVersion(host, own);
}
