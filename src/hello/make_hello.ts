import type { Served } from "../contract/mod.ts";
import type { Role } from "../mux/mod.ts";
import type { Limits } from "../wire/mod.ts";
import { type Hello, limitsForHello, wireVersions } from "./hello.ts";
import { type Identity, software } from "./identity.ts";
import { offerByVersion, offerOf } from "./offer.ts";

/** What of a hello differs from one side or session to the next. */
export interface HelloParts {
  readonly role: Role;
  readonly limits: Limits;
  readonly identity: Identity;
  readonly auth: boolean;
  readonly versions: readonly number[];
  readonly version: number | null;
  /** What is served; by protocol version where the version is not chosen yet. */
  readonly served: readonly Served[] | ReadonlyMap<number, readonly Served[]>;
  readonly owner: boolean;
}

/** Makes the hello of one session. PROTOCOL.md §7.1. */
export function makeHello(parts: HelloParts): Hello {
  const { role, limits, identity, auth, versions, version, served, owner } = parts;
  return {
    wire: wireVersions,
    role,
    nonce: crypto.getRandomValues(new Uint8Array(16)),
    auth,
    limits: limitsForHello(limits),
    features: [],
    versions,
    version,
    ...identity,
    contracts: served instanceof Map ? offerByVersion(served) : offerOf(served as readonly Served[]),
    owner,
    software,
  };
}
