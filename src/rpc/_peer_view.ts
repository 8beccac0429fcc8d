import type { Contract, Peer, Remote } from "../contract/mod.ts";

/** The other side as implementations see it: nothing else of its session. */
export function peerView(session: Peer): Peer {
  const view = { version: 0, dispense: <T, I>(contract: Contract<T, I>): Remote<T> => session.dispense(contract) };
  return Object.freeze(Object.defineProperty(view, "version", { get: () => session.version }));
}
