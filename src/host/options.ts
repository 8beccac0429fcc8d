import type { Served } from "../contract/mod.ts";
import type { HandshakeOptions, InspectOption } from "../handshake/mod.ts";
import type { LogOption, OutputSink } from "../output/mod.ts";
import type { ServedVersions } from "../plugin/mod.ts";
import type { ContractMismatch, Interceptor } from "../rpc/mod.ts";
import type { Resources, Runner } from "../runner/mod.ts";
import type { Runtime, RuntimeName } from "../runtime/runtime.ts";
import type { TraceOption } from "../trace/mod.ts";
import type { Limits } from "../wire/mod.ts";

/** Contracts by protocol version and, within one, by a name of one's own. */
export type VersionMap = { readonly [version: number]: { readonly [name: string]: unknown } };

/** Options of whatever gives a {@linkcode Plugin}. */
export interface ConnectOptions<Versions extends VersionMap = VersionMap> {
  /** What the plugin is called in logs and errors. Default: the name of its file, or of its folder for `plugin.ts`, `main.ts` and the like. */
  readonly name?: string;
  /**
   * Contracts that the host serves to the plugin: one list, or lists by protocol version, as in `{ 1: […], 2: […] }`. What is
   * the same in several versions may stand in each.
   */
  readonly provide?: readonly Served[] | ServedVersions;
  /** Contracts by protocol version; the highest that the plugin speaks too is used. Default: version 1 alone. */
  readonly versions?: Versions;
  /** Contracts that the plugin must serve, else it is stopped and the launch fails. */
  readonly contracts?: readonly { readonly name: string }[];
  /**
   * What to do when a contract is dispensed that the plugin knows with other arguments or results, as far as schemas
   * tell. Default `"warn"`: the difference is logged, once for each contract.
   */
  readonly contractMismatch?: ContractMismatch;
  /** Limits of the session; those left out have their defaults. */
  readonly limits?: Partial<Limits>;
  /** Stand around every call of this side and every call to it, callbacks included; the first is the outermost. */
  readonly interceptors?: readonly Interceptor[];
  /**
   * Whether the stacks of what the host throws, in what it provides and in its callbacks, are sent to the plugin. Default `false`.
   * A plugin says for itself whether it sends its own, by the same option of `serve`; `inProcess` takes it for both.
   */
  readonly sendStacks?: boolean;
  /**
   * Whether an object that is met more than once in what the host sends arrives as one, cycles too. Default `false`: it arrives as
   * often as it is met, and a cycle is refused. A plugin says for itself what it sends, by the same option of `serve`;
   * `inProcess` takes it for both.
   */
  readonly sharedStructure?: boolean;
  /**
   * Tells of each frame that passes, by name and without what it carries: `true` for lines in the log at level `trace` (which
   * `log`, where there is that option, must let through), or a function that takes the events. Default: no trace, unless `PLUGWIRE_TRACE` in the
   * environment asks for one.
   */
  readonly trace?: TraceOption;
  /** Gives the start up; later it has no effect. */
  readonly signal?: AbortSignal;
  /** Another runtime adapter than the one that is found. */
  readonly adapter?: Runtime;
}

/** What `reattach` of {@linkcode LaunchOptions} may say. */
export interface ReattachOptions {
  /** Time that the plugin goes on without a host, in ms: a whole number, at most 2,147,483,647. Default 60,000. */
  readonly lingerMs?: number;
  /**
   * What the plugin's stdout, and its stderr, may each take of the disk while no host reads it, in bytes: a whole number, at least
   * 1,048,576. Beyond it all but the newest mebibyte is dropped, and that is logged. Default 268,435,456.
   */
  readonly maxOutputBytes?: number;
}

/** Options of {@linkcode launch}. */
export interface LaunchOptions<Versions extends VersionMap = VersionMap> extends ConnectOptions<Versions> {
  /**
   * Where log records go, the plugin's and Plugwire's own on it: a lowest level for readable lines on stderr (default
   * `"info"`), a function that takes the records, or `false`.
   */
  readonly log?: LogOption;
  /** What starts the plugin, and where. Default {@linkcode processRunner}: as a process of its own. */
  readonly runner?: Runner;
  /** The runtime that runs the plugin's script. Default: the host's own. */
  readonly runtime?: RuntimeName;
  /** Arguments of the plugin. */
  readonly args?: readonly string[];
  /** Variables for the plugin's environment; they win over inherited ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the plugin inherits the host's environment. Default `true`. */
  readonly inheritEnv?: boolean;
  /** The plugin's working directory. Default: the host's. */
  readonly cwd?: string;
  /**
   * What the plugin reads as its stdin. Default `"pipe"`: nothing, and the end of it tells the plugin that its host is gone.
   * `"inherit"`: the host's own, for a plugin that asks its user something on the terminal. It then stays in the host's
   * session and process group, so that Ctrl-C reaches both. Not over `"stdio"`.
   */
  readonly stdin?: "pipe" | "inherit";
  /** Limits of the plugin's process. Default: those of the host. A limit that cannot be kept here fails the launch. */
  readonly resources?: Resources;
  /** Whether `closeAll()` stops the plugin. Default `false`. */
  readonly managed?: boolean;
  /** For a plugin on Deno: its permission flags, such as `"--allow-net=example.org"`, beside what Plugwire itself needs. Default: all. */
  readonly permissions?: readonly string[];
  /**
   * Has the debugger of the plugin's runtime listen: `true` for a free port of this machine; `"wait"` to wait for a debugger
   * before anything runs; `"break"` to stop at the first statement as well; or {@linkcode InspectOptions}. The log says where
   * it listens, and so does {@linkcode Plugin.inspectorUrl}. While it waits, `startTimeoutMs` does not count. For scripts that
   * Plugwire runs on a runtime. Default `false`.
   */
  readonly inspect?: InspectOption;
  /**
   * Has the plugin outlive this host, for another one to take it over with {@linkcode attach}: `true`, or how long it goes on without
   * a host. What it prints goes to files, of which each host takes what the one before has not. Over a socket only.
   * Default `false`: it ends with this host.
   */
  readonly reattach?: boolean | ReattachOptions;
  /** How host and plugin are joined. Default `"unix"`: a socket in a directory of its own; `"stdio"`: the plugin's stdin and stdout. */
  readonly transport?: "unix" | "stdio";
  /** Time from the start of the process to the end of the handshake, in ms. Default 10,000. */
  readonly startTimeoutMs?: number;
  /** Time that `stop` gives the plugin before it sends signals, in ms. Default 2,000. */
  readonly graceMs?: number;
  /** The cookie, when it is not the default one. */
  readonly handshake?: HandshakeOptions;
  /** Takes what the plugin writes to stdout, byte for byte. Default: it is logged line by line. */
  readonly stdout?: OutputSink;
  /** Takes what the plugin writes to stderr, byte for byte; it is logged beside that. */
  readonly stderr?: OutputSink;
}

/** Options of {@linkcode attach} for a plugin that another host has started. */
export interface AttachOptions<Versions extends VersionMap = VersionMap>
  extends ConnectOptions<Versions>,
    Pick<LaunchOptions, "log" | "startTimeoutMs" | "graceMs" | "stdout" | "stderr"> {
  /**
   * Whether this host only visits the plugin: it takes nobody's place, its `stop()` does not end the plugin, and it gets no
   * output, so that `stdout` and `stderr` are refused. Default `false`: it becomes the owner.
   */
  readonly guest?: boolean;
}

/** The default of `startTimeoutMs`. */
export const defaultStartTimeoutMs = 10_000;
/** The default of `lingerMs`. */
export const defaultLingerMs = 60_000;
/** The default of `graceMs`. */
export const defaultGraceMs = 2_000;

/** The protocol versions that options name. */
export function versionsFrom(options: { readonly versions?: VersionMap }): number[] {
  return options.versions === undefined ? [1] : Object.keys(options.versions).map(Number);
}
