import { shownValue } from "../errors/check_options.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import type { FileStat, RuntimeName } from "../runtime/runtime.ts";
import { quote } from "./_quote.ts";
import { type DenoPermissionsOptions, denoPermissions } from "./deno_permissions.ts";
import { electronAsNode, electronHint, outOfAsar } from "./electron.ts";
import { type EntryPath, entryPath, isScript, nameOf } from "./entry_path.ts";
import { type InspectOptions, inspectByHand, inspectFlag } from "./inspect.ts";

/** What {@linkcode composeCommand} goes by: the user's wishes, the host's own runtime, and eyes for the file system. */
export interface CommandOptions extends DenoPermissionsOptions {
  /** Runtime that the user named. Default: the host's own for scripts, none for executables. */
  readonly runtime?: RuntimeName;
  /** Arguments for the plugin. */
  readonly args?: readonly string[];
  /** How the debugger of the plugin's runtime listens. Default: it does not. */
  readonly inspect?: Required<InspectOptions>;
  /** The runtime the host runs on. */
  readonly hostRuntime: RuntimeName;
  /** The host's own executable. */
  readonly hostExecPath: string;
  /** True when that executable is the host program itself and runs no scripts. */
  readonly hostCompiled: boolean;
  /** Of a host in Electron: the executable that runs scripts when its environment says so. */
  readonly hostElectron?: string;
  /** `linux`, `darwin` or `windows`. */
  readonly os: string;
  /** The host's working directory: what relative paths begin at. */
  readonly directory?: string;
  /** `PATH` of the plugin, when it is given one of its own: what it names as its program is looked up there. */
  readonly searchPath?: string;
  /** Finds a program in `PATH`, the host's unless it is another. */
  readonly find: (name: string, searchPath?: string) => Promise<string | undefined>;
  /** Looks at a file. */
  readonly stat: (path: string) => Promise<FileStat | undefined>;
}

/** How to start a plugin. */
export interface ComposedCommand {
  /** The executable, then its arguments. */
  readonly argv: readonly string[];
  /** What the plugin is called unless it is given a name. */
  readonly name: string;
  /** The plugin's own file, script or executable; `undefined` for a raw command. */
  readonly file?: string;
  /** The runtime that runs it, where Plugwire chose the command. */
  readonly runtime?: RuntimeName;
  /** Variables of the environment without which the command does something else. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is told as well when it does not start. */
  readonly hint?: string;
}

// All three take their own flags before the file, and what follows it is the plugin's.
const runtimeArgs: Readonly<Record<RuntimeName, (options: CommandOptions) => readonly string[]>> = {
  node: inspectFlags,
  // It must not ask for permissions on the host's terminal, nor print its downloads into the plugin's log. Quiet it would not
  // say where its debugger listens.
  deno: (options) => [
    "run",
    "--no-prompt",
    ...(options.inspect === undefined ? ["--quiet"] : inspectFlags(options)),
    ...denoPermissions(options),
  ],
  bun: inspectFlags,
};

/**
 * The command that starts a plugin.
 *
 * @param entry An array is the command as it is. A path or file URL of a script runs on a runtime; that of an executable
 * is started itself. A name without a separator that is no file is looked up in `PATH`.
 * @throws PluginError `not_found`, `not_executable`, or `unsupported_runtime` (a compiled host and no runtime named, one
 * that there is not, or a script that the runtime cannot run).
 * @throws TypeError when an argument is not what it has to be.
 */
export async function composeCommand(
  entry: string | URL | readonly string[],
  options: CommandOptions,
): Promise<ComposedCommand> {
  const { args = [], runtime, permissions, inspect } = options;
  if (args.some((arg) => arg.includes("\0"))) throw new TypeError("args must not contain NUL");
  if (typeof entry !== "string" && !(entry instanceof URL)) return rawCommand(entry, options);
  if (runtime !== undefined && !Object.hasOwn(runtimeArgs, runtime)) throw unknownRuntime(runtime);
  const named = entryPath(entry, options);
  const chosen = runtime ?? (isScript(named.path) ? options.hostRuntime : undefined);
  if (permissions !== undefined && chosen !== "deno") {
    throw new TypeError(
      `permissions are for plugins on deno, and ${quote(named.path)} runs ${chosen ? `on ${chosen}` : "by itself"}`,
    );
  }
  if (chosen === undefined) {
    const file = await findProgram(named, options);
    if (inspect !== undefined) {
      throw new TypeError(
        `inspect is for scripts, and ${quote(file)} runs by itself: start its script in its place, or start it by hand in your ` +
          "debugger with PLUGWIRE_DEBUG=1 in its environment, and have the host join it",
      );
    }
    return { argv: [file, ...args], name: nameOf(file), file };
  }
  const { hostElectron, stat } = options;
  const inElectron = hostElectron !== undefined && runtime === undefined;
  const file = hostElectron === undefined || inElectron ? named.path : await outOfAsar(named.path, stat);
  const exec = await runtimeExecutable(chosen, file, options);
  await fileAt(file, options);
  const argv = [exec, ...runtimeArgs[chosen](options), file, ...args];
  const composed = { argv, name: nameOf(file), file, runtime: chosen };
  return inElectron ? { ...composed, env: electronAsNode, hint: electronHint } : composed;
}

function inspectFlags({ inspect }: CommandOptions): readonly string[] {
  return inspect === undefined ? [] : [inspectFlag(inspect)];
}

function unknownRuntime(runtime: string): PluginError {
  const names = Object.keys(runtimeArgs);
  return new PluginError(
    ErrorCode.unsupportedRuntime,
    `cannot launch on runtime ${quote(runtime)}${hint(runtime, names)}; whatever else runs a plugin goes into a whole command, ` +
      `as in launch(["python3", "plugin.py"])`,
    { execution: "none" },
  );
}

function rawCommand(command: readonly string[], options: CommandOptions): ComposedCommand {
  const { args = [], runtime, permissions, inspect } = options;
  if (!Array.isArray(command))
    throw new TypeError(`an entry must be a path, a URL or an array, not ${shownValue(command)}`);
  if (!command[0]) throw new TypeError("a command must begin with the name or path of a program");
  if (command.some((part) => typeof part !== "string" || part.includes("\0"))) {
    throw new TypeError("a command must be strings without NUL");
  }
  if (runtime !== undefined || permissions !== undefined) {
    throw new TypeError("a raw command is used as it is: runtime and permissions belong into it, not beside it");
  }
  if (inspect !== undefined) {
    throw new TypeError(
      `a raw command is used as it is: inspect belongs into it, not beside it, as in ${inspectByHand(options.hostRuntime)}`,
    );
  }
  return { argv: [...command, ...args], name: nameOf(command.slice(1).find(isScript) ?? command[0]) };
}

async function runtimeExecutable(runtime: RuntimeName, file: string, options: CommandOptions): Promise<string> {
  const { hostRuntime, hostExecPath, hostCompiled, hostElectron } = options;
  if (hostCompiled && options.runtime === undefined) {
    throw new PluginError(
      ErrorCode.unsupportedRuntime,
      `cannot launch ${quote(file)}: this host is compiled to a single executable, which runs no scripts; name a runtime ` +
        `({ runtime: "node" }, "deno" or "bun") that is installed, or compile the plugin too`,
      { execution: "none" },
    );
  }
  if (runtime === "node" && /\.[cm]?[jt]sx$/i.test(file)) {
    throw new PluginError(
      ErrorCode.unsupportedRuntime,
      `cannot launch ${quote(file)}: Node does not run ${file.slice(file.lastIndexOf("."))} files; name the runtime deno or bun`,
      { execution: "none" },
    );
  }
  // Electron is a runtime of the app's own; who names one means another.
  if (hostElectron !== undefined && options.runtime === undefined) return hostElectron;
  if (runtime === hostRuntime && !hostCompiled && hostElectron === undefined) return hostExecPath;
  const found = await options.find(runtime);
  if (found !== undefined) return found;
  throw new PluginError(
    ErrorCode.notFound,
    `cannot launch ${quote(file)} on ${runtime}: there is no ${runtime} in PATH; install it, or give the whole command as an array`,
    { errno: "ENOENT", execution: "none" },
  );
}

async function findProgram({ path: named, bareName }: EntryPath, options: CommandOptions): Promise<string> {
  const path = options.hostElectron === undefined ? named : await outOfAsar(named, options.stat);
  if (bareName !== undefined && (await options.stat(path))?.kind !== "file") {
    const found = await options.find(bareName, options.searchPath);
    if (found !== undefined) return found;
    throw new PluginError(
      ErrorCode.notFound,
      `cannot launch ${quote(bareName)}: neither a file at ${quote(path)} nor a program in PATH`,
      { errno: "ENOENT", execution: "none" },
    );
  }
  const { mode } = await fileAt(path, options);
  if (options.os === "windows" || (mode & 0o111) !== 0) return path;
  throw new PluginError(
    ErrorCode.notExecutable,
    `cannot launch ${quote(path)}: not an executable file (mode ${mode.toString(8).padStart(4, "0")}); chmod +x it, or ` +
      `name the runtime that runs it`,
    { errno: "EACCES", execution: "none" },
  );
}

async function fileAt(path: string, { stat }: CommandOptions): Promise<FileStat> {
  const found = await stat(path);
  if (found === undefined) {
    throw new PluginError(ErrorCode.notFound, `cannot launch ${quote(path)}: there is no such file`, {
      errno: "ENOENT",
      execution: "none",
    });
  }
  if (found.kind === "file") return found;
  const what = found.kind === "other" ? "no regular file" : `a ${found.kind}`;
  throw new PluginError(ErrorCode.notExecutable, `cannot launch ${quote(path)}: it is ${what}, not a program`, {
    execution: "none",
  });
}
