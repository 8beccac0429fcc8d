import type { Contract, Peer } from "../contract/mod.ts";
import type { ReattachInfo } from "../handshake/mod.ts";
import type { OfferedContract } from "../hello/mod.ts";
import type { Dispensed } from "../rpc/mod.ts";
import type { ExitStatus } from "../runtime/runtime.ts";

/** Options of {@linkcode Plugin.stop}. */
export interface StopOptions {
  /** Time for running calls and for the plugin's own end, in ms; then SIGTERM, then SIGKILL. Default: as at launch, 2,000. */
  readonly graceMs?: number;
}

/** Why a host has nothing to do with a plugin any more. */
export interface Released {
  /**
   * `"ended"`: it has ended. The others are of plugins that outlive their hosts: `"detached"` by this host, `"superseded"` by another
   * host, `"lost"` when the connection broke, so that whoever is there first may take it over.
   */
  readonly reason: "ended" | "detached" | "superseded" | "lost";
}

/** For what only a plugin that outlives its host can do. */
export function noReattach(name: string): TypeError {
  return new TypeError(`plugin ${name} ends with its host: it was not launched with reattach`);
}

/** The same of a plugin that something else started, or that there is no process of. */
export function notOwn(name: string): TypeError {
  const what = "is none that this host launched with reattach or took over";
  return new TypeError(`plugin ${name} ${what}: its owner, if there is one, has its reattach info`);
}

/**
 * One running plugin.
 *
 * @typeParam V Its protocol version.
 * @typeParam C The contracts of that version, as `versions` names them.
 */
export interface Plugin<V extends number = number, C = unknown> extends AsyncDisposable, Peer {
  /** What it is called in logs and errors. */
  readonly name: string;
  /** The process's number; `undefined` when the plugin has no process of its own. */
  readonly pid: number | undefined;
  /** Where a debugger finds it, as in `ws://127.0.0.1:9229/…`; only for a plugin that was launched with `inspect`. */
  readonly inspectorUrl?: string | undefined;
  /** The protocol version in use. */
  readonly version: V;
  /** The contracts of that version, as `versions` named them; `undefined` without `versions`. */
  readonly contracts: C;
  /** What it serves. */
  readonly serves: readonly OfferedContract[];
  /**
   * Settles when the plugin has ended, with its exit code or signal; both are `null` for one that another host had started, as
   * the system tells nobody else. Once this host has let go of it ({@linkcode Plugin.released}) it may never settle. Never rejects.
   */
  readonly exited: Promise<ExitStatus>;
  /**
   * Settles when this host has nothing to do with the plugin any more: it has ended, or lives on without this host, as only
   * one that was launched with `reattach` can. Never rejects.
   */
  readonly released: Promise<Released>;
  /**
   * A proxy of one of its contracts: a local object whose methods are calls. Dispose of it to let the plugin forget the
   * implementation that was made for it. What is wrong it throws at once, and a `catch()` of the call's promise comes too late for
   * that: `dispense` and the call belong in one `try`.
   *
   * @throws TypeError for what is no contract.
   * @throws PluginError `no_such_contract`, `no_such_method`, naming what comes near; `contract_mismatch` where it is asked for; `closed` once its session is over,
   * `exited` once a launched plugin's process has ended, `superseded` once another host has taken it over.
   */
  dispense<T, I>(contract: Contract<T, I>): Dispensed<T>;
  /**
   * Measures a round trip, in ms.
   *
   * @throws PluginError `closed` once its session is over, `exited` once a launched plugin's process has ended.
   */
  ping(): Promise<number>;
  /**
   * Stops it: no new calls; running ones may end; then the plugin is asked to end, and after the grace made to. Bounded
   * whatever the plugin does. May be called again.
   *
   * Calls made from now on reject at once (`draining`), but those that running calls make. Calls that still run when the
   * grace is over reject then (`closed`), while the plugin is being made to end: this settles after them, and the log says
   * which calls and streams they were.
   *
   * A stream goes on while it is read. Once nothing is open but streams of which nobody has read for a tenth of the grace (at
   * most 5 s), these are ended: what has come of them can still be read, and then they fail (`closed`).
   *
   * For a plugin that was detached, or that another host has taken over, it does nothing. A guest only leaves.
   *
   * @returns How it ended; with both `null` where that is not known.
   * @throws TypeError and RangeError for a `graceMs` that is no time; nothing is stopped then.
   */
  stop(options?: StopOptions): Promise<ExitStatus>;
  /**
   * What another host needs to take the plugin over, as it is now. See {@linkcode attach}.
   *
   * @throws TypeError for a plugin that was not launched with `reattach`, and for a guest.
   */
  reattachInfo(): ReattachInfo;
  /**
   * Lets go of a plugin that was launched with `reattach`, for another host: running calls may end for the time of `graceMs`, as
   * with `stop()`; then its session ends, and it goes on without a host for its `lingerMs`. Nothing of it keeps this process alive.
   * May be called again.
   *
   * @returns What another host needs to take it over.
   * @throws TypeError for a plugin that was not launched with `reattach`, and for a guest.
   * @throws PluginError `superseded` when another host has it already, `exited` when it has ended, `closed` when it was stopped.
   */
  detach(): Promise<ReattachInfo>;
  /** The same as `stop()`. Never throws: what went wrong is logged. */
  [Symbol.asyncDispose](): Promise<void>;
}
