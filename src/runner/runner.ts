import type { PluginError } from "../errors/mod.ts";
import type { CommandOptions, ComposedCommand } from "../handshake/mod.ts";
import type { Address, ByteSource, ExitStatus, Runtime, StdioMode } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";
import type { Resources } from "./resources.ts";

/** What a user names to be launched: a script or an executable, or a whole command. */
export type Entry = string | URL | readonly string[];

/** All that a runner is told of the plugin that it is to start. */
export interface RunSpec {
  /** What the plugin is called in logs and errors. */
  readonly name: string;
  /** How to start it, as {@linkcode Runner.compose} or Plugwire composed it. */
  readonly command: ComposedCommand;
  /** Its working directory. Default: the host's. */
  readonly cwd: string | undefined;
  /** The whole environment of the plugin, as it would be for a process of this machine. */
  readonly env: Readonly<Record<string, string>>;
  /** The part of {@linkcode RunSpec.env} that is not inherited from the host: what the user gave, and the variables of the handshake. */
  readonly ownEnv: Readonly<Record<string, string>>;
  /** Directory, as the host sees it, in which the plugin is to make its socket; `undefined` where none is needed. */
  readonly socketDirectory: string | undefined;
  /** How host and plugin are joined. */
  readonly transport: "unix" | "stdio";
  /**
   * How its stdin is set up. The end of a pipe is the plugin's sign that the host is gone. With `"inherit"` the plugin has to
   * stay in the host's session and process group, else it cannot read from the terminal.
   */
  readonly stdin: StdioMode;
  /** How its stdout is set up. */
  readonly stdout: StdioMode;
  /** How its stderr is set up. */
  readonly stderr: StdioMode;
  /** Whether the plugin is to end with the host, also when neither has a say in it any more. */
  readonly diesWithHost: boolean;
  /** Limits of what it uses. A runner that cannot keep one of them refuses to start it. */
  readonly resources: Resources;
}

/**
 * What starts plugins: as processes ({@linkcode processRunner}, the default), or in some other place.
 *
 * @example
 * ```ts
 * import { processRunner, type Runner } from "@plugwire/plugwire";
 *
 * const local = processRunner();
 * // Starts plugins with the lowest priority.
 * export const nice: Runner = {
 *   ...local,
 *   name: "nice",
 *   start: (spec, runtime) => {
 *     const command = { ...spec.command, argv: ["nice", "-n", "19", ...spec.command.argv] };
 *     return local.start({ ...spec, command }, runtime);
 *   },
 * };
 * ```
 */
export interface Runner {
  /** What it is called in messages: `process`, `container`. */
  readonly name: string;
  /** The transport, where the runner leaves no choice. */
  readonly transport?: "unix" | "stdio";
  /**
   * Composes the command from what the user named. Left out, Plugwire does, for files and runtimes of this machine.
   *
   * @throws PluginError `not_found`, `not_executable`, `unsupported_runtime`; TypeError for what cannot be.
   */
  compose?(entry: Entry, options: CommandOptions): Promise<ComposedCommand>;
  /** Where the plugin sees what the host calls `address`. Left out: at the same place. Asked before the start. */
  hostToPlugin?(address: Address): Address;
  /** Where the host sees what the plugin calls `address`. Left out: at the same place. */
  pluginToHost?(address: Address, spec: RunSpec): Address;
  /**
   * Starts the plugin. What it started before it fails, it takes back.
   *
   * @param runtime The host's runtime, to start processes with.
   * @returns The running plugin, whose output nobody has read of yet.
   * @throws PluginError that says what is wrong.
   */
  start(spec: RunSpec, runtime: Runtime): Promise<Running>;
  /**
   * Finds out more about a start that failed, in {@linkcode Runner.start} or later before the plugin had said hello.
   *
   * @param error With `exitCode`, `signal` and `stderr` where there was something running.
   * @returns The error itself where there is nothing to add. Never rejects.
   */
  diagnose?(error: PluginError, spec: RunSpec, runtime: Runtime): Promise<PluginError>;
}

/** What a {@linkcode Runner} started. */
export interface Running {
  /** What it is called where it runs: a process's number, a container's name. */
  readonly id: string;
  /** Its process's number on this machine; `undefined` without one. */
  readonly pid: number | undefined;
  /**
   * Its stdin (what is written) and stdout (what is delivered) as one link, on which the handshake line is looked for;
   * `undefined` where stdout is no pipe.
   */
  readonly stdio: Link | undefined;
  /** Bytes of its stderr; `undefined` where that is no pipe. */
  readonly stderr: ByteSource | undefined;
  /**
   * Bytes that it prints to stdout, where these come another way than by {@linkcode Running.stdio}. Left out: what there is on
   * that beside the handshake line and the session.
   */
  readonly stdout?: ByteSource;
  /** Settles when it has ended, even if something else still holds its pipes. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /**
   * Sends a signal to it and all that it started; `SIGKILL` ends it, whatever it does. Never waits: it is called at the
   * very end of the host as well. Does nothing when nothing is left.
   */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** Lets go of every pipe and handle, and removes what is left of it. Called last; waited for a while. */
  release(): void | Promise<void>;
}
