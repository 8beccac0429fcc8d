import type { RpcSession } from "../rpc/mod.ts";
import type { Address } from "../runtime/runtime.ts";
import { openHostSession } from "./_host_session.ts";
import type { LaunchedPluginParts } from "./_launched_plugin.ts";

/** Time for a plugin to say whether it has another owner, in ms. */
const askMs = 1_000;

/**
 * Asks a plugin that was told to end, and has not, whether another host has taken it over in the meantime.
 *
 * @returns False as well when it does not answer: one that ends takes no connections any more, and one that is blocked heeds nobody.
 */
export async function hasOtherOwner(
  { address, secret }: { readonly address: Address; readonly secret: Uint8Array | undefined },
  { runtime, spec, options }: Pick<LaunchedPluginParts, "runtime" | "spec" | "options">,
): Promise<boolean> {
  const giveUp = new AbortController();
  const timer = runtime.setTimer(() => giveUp.abort(), askMs, { keepAlive: true });
  let session: RpcSession | undefined;
  try {
    const link = await runtime.connect(address, { signal: giveUp.signal });
    giveUp.signal.addEventListener("abort", () => link.destroy());
    const { versions, limits } = options;
    const parts = { runtime, name: spec.name, options: { versions, limits }, secret, owner: false };
    session = await openHostSession(link, parts);
    return session.peerHello.owner;
  } catch {
    return false;
  } finally {
    timer.cancel();
    session?.close();
  }
}
