import { type Served, servedParts } from "../contract/mod.ts";
import type { HandshakeOptions } from "../handshake/mod.ts";
import type { ContractMismatch, Interceptor } from "../rpc/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { TraceOption } from "../trace/mod.ts";
import { fullLimits, type Limits } from "../wire/mod.ts";
import { checkListenOptions, type ListenOptions } from "./listen_options.ts";
import { checkServeOptions } from "./option_rules.ts";

/** What a plugin serves, by protocol version. */
export type ServedVersions = { readonly [version: number]: readonly Served[] };

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  /** What is served, by protocol version. The highest that the host speaks too is used. */
  readonly versions: ServedVersions;
  /** The cookie, when it is not the default one. The host must be given the same. */
  readonly handshake?: HandshakeOptions;
  /**
   * Has the plugin listen at an address when no host has started it: under an orchestrator or a service manager. Hosts join it with
   * `connect()`. `PLUGWIRE_LISTEN` in the environment does the same, and goes before it. A plugin that a host starts heeds neither.
   */
  readonly listen?: ListenOptions;
  /**
   * What to do when a contract is dispensed that the host knows with other arguments or results, as far as schemas
   * tell. Default `"warn"`: the difference is logged, once for each contract.
   */
  readonly contractMismatch?: ContractMismatch;
  /** Limits of the session; those left out have their defaults. */
  readonly limits?: Partial<Limits>;
  /** Stand around every call of this side and every call to it, callbacks included; the first is the outermost. */
  readonly interceptors?: readonly Interceptor[];
  /**
   * Whether the stacks of what is thrown on this side are sent to the other, where they then are part of `error.stack`. Default
   * `false`: they tell of paths and code. For development.
   */
  readonly sendStacks?: boolean;
  /**
   * Whether an object that is met more than once in what this side sends arrives as one, cycles too. Default `false`: it arrives
   * as often as it is met, and a cycle is refused. What arrives is understood either way.
   */
  readonly sharedStructure?: boolean;
  /**
   * Tells of each frame that passes, by name and without what it carries: `true` for lines in the log at level `trace`, or a
   * function that takes the events. Default: no trace, unless `PLUGWIRE_TRACE` in the environment asks for one.
   */
  readonly trace?: TraceOption;
  /** Another runtime adapter than the one that is found. */
  readonly adapter?: Runtime;
}

/** Options with all that was left out. */
export interface FullServeOptions extends ServeOptions {
  readonly limits: Limits;
  readonly versionList: readonly number[];
}

/**
 * Reads the arguments of {@linkcode serve}.
 *
 * @throws TypeError when they are neither contracts nor options; RangeError for limits.
 */
export function readServeArguments(args: readonly (Served | ServeOptions)[]): FullServeOptions {
  const options = isOptions(args) ? args[0] : { versions: { 1: args as readonly Served[] } };
  checkServeOptions(options);
  if (options.listen !== undefined) checkListenOptions(options.listen);
  const versionList = Object.keys(options.versions).map(Number);
  if (versionList.length === 0) throw new TypeError("serve({ versions }) needs at least one version");
  for (const version of versionList) checkServed(options.versions[version]!);
  return { ...options, limits: fullLimits(options.limits), versionList };
}

/**
 * Checks a list of what is served.
 *
 * @throws TypeError
 */
export function checkServed(served: readonly Served[]): void {
  const names = new Set<string>();
  for (const one of served) {
    const { name } = servedParts(one);
    if (names.has(name)) throw new TypeError(`contract "${name}" is served twice`);
    names.add(name);
  }
}

function isOptions(args: readonly (Served | ServeOptions)[]): args is readonly [ServeOptions] {
  return args.length === 1 && typeof args[0] === "object" && args[0] !== null && "versions" in args[0];
}
