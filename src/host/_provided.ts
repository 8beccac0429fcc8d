import type { Served } from "../contract/mod.ts";
import { shownValue } from "../errors/check_options.ts";
import { checkServed } from "../plugin/serve_options.ts";
import { type ConnectOptions, versionsFrom } from "./options.ts";

/** What a host provides, made out from its options. */
export interface Provided {
  /** What the hello says of it; by protocol version where it differs. */
  readonly offered: readonly Served[] | ReadonlyMap<number, readonly Served[]>;
  /** What is served in one protocol version. */
  at(version: number): readonly Served[];
}

/**
 * Reads the option `provide`.
 *
 * @throws TypeError when it is no list of what is served, nor lists by protocol version; for a version that the host does not speak;
 * and for a contract that is served twice.
 */
export function providedFrom(options: Pick<ConnectOptions, "provide" | "versions">): Provided {
  const { provide = [] } = options;
  if (isList(provide)) {
    checkServed(provide);
    return { offered: provide, at: () => provide };
  }
  const spoken = versionsFrom(options);
  const byVersion = new Map<number, readonly Served[]>();
  for (const [key, served] of Object.entries(provide)) {
    const version = Number(key);
    if (!spoken.includes(version)) {
      throw new TypeError(
        `provide has version ${shownValue(key)}, and the host speaks ${spoken.join(", ")}: what is provided by version goes ` +
          `by those of the option versions`,
      );
    }
    if (!Array.isArray(served)) {
      throw new TypeError(`version ${key} of provide must be an array of what is served, not ${shownValue(served)}`);
    }
    checkServed(served);
    byVersion.set(version, served);
  }
  return { offered: byVersion, at: (version) => byVersion.get(version) ?? [] };
}

function isList(provide: NonNullable<ConnectOptions["provide"]>): provide is readonly Served[] {
  return Array.isArray(provide);
}
