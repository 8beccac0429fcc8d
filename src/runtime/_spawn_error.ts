import { ErrorCode, PluginError } from "../errors/mod.ts";
import { stat } from "./_files.ts";
import { errnoOf, messageOf } from "./_system_errors.ts";
import type { FileStat, SpawnOptions } from "./runtime.ts";

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: ErrorCode.notFound,
  EACCES: ErrorCode.notExecutable,
  ENOEXEC: ErrorCode.notExecutable,
};

/** Says why a process could not be started: the system's one code for several reasons, told apart. */
export async function spawnError(options: SpawnOptions, thrown: unknown, mayLook: boolean): Promise<PluginError> {
  const [name = ""] = options.command;
  const errno = errnoOf(thrown);
  const facts = { errno, cause: thrown };
  if (!mayLook)
    return new PluginError(
      codes[errno ?? ""] ?? ErrorCode.startFailed,
      `cannot start ${name}: ${messageOf(thrown)}`,
      facts,
    );
  const cwd = options.cwd === undefined ? undefined : await look(options.cwd);
  if (options.cwd !== undefined && cwd?.kind !== "directory" && (errno === "ENOENT" || errno === "ENOTDIR")) {
    const found = cwd === undefined ? "does not exist" : "is not a directory";
    return new PluginError(
      ErrorCode.notFound,
      `cannot start ${name}: its working directory ${options.cwd} ${found}`,
      facts,
    );
  }
  if (errno === "ENOENT") return notFound(name, await look(name), facts);
  if (errno === "EACCES" || errno === "ENOTDIR") return notExecutable(name, await look(name), facts);
  if (errno === "ENOEXEC") {
    const message = `cannot start ${name}: the system does not know how to run it (no #! line, or another machine's program)`;
    return new PluginError(ErrorCode.notExecutable, message, facts);
  }
  if (errno === "E2BIG") return tooLong(options, facts);
  return new PluginError(ErrorCode.startFailed, `cannot start ${name}: ${messageOf(thrown)}`, facts);
}

type Facts = { readonly errno: string | undefined; readonly cause: unknown };

function notFound(name: string, file: FileStat | undefined, facts: Facts): PluginError {
  if (file !== undefined && name.includes("/")) {
    // The file is there: what is missing is what its first line names.
    const message = `cannot start ${name}: the interpreter or loader that it names does not exist`;
    return new PluginError(ErrorCode.notFound, message, facts);
  }
  const where = name.includes("/") ? "no such file" : "no executable of this name in PATH";
  return new PluginError(ErrorCode.notFound, `cannot start ${name}: ${where}`, facts);
}

function notExecutable(name: string, file: FileStat | undefined, facts: Facts): PluginError {
  const mode = file === undefined ? "" : ` (mode ${file.mode.toString(8).padStart(4, "0")})`;
  const message =
    file?.kind === "directory"
      ? `cannot start ${name}: a directory`
      : `cannot start ${name}: not an executable file${mode}; chmod +x it, or name its runtime in command`;
  return new PluginError(ErrorCode.notExecutable, message, facts);
}

/** One argument, one variable and all together have bounds, which the system's message does not tell apart. */
function tooLong({ command, env }: SpawnOptions, facts: Facts): PluginError {
  const encoder = new TextEncoder();
  const parts = [
    ...command.map((arg, index) => ({ what: `argument ${index}`, bytes: encoder.encode(arg).length })),
    ...Object.entries(env).map(([name, value]) => ({
      what: `variable ${name}`,
      bytes: encoder.encode(`${name}=${value}`).length,
    })),
  ];
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const longest = parts.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const message =
    `cannot start ${command[0]}: its arguments and environment are more than the system takes: ${total} bytes in ` +
    `all, of which ${longest.what} has ${longest.bytes}; hand over what is long in a call or a file`;
  return new PluginError(ErrorCode.startFailed, message, facts);
}

async function look(target: string): Promise<FileStat | undefined> {
  try {
    return await stat(target);
  } catch {
    // Only for a better message: not being allowed to look takes nothing from the error at hand.
    return undefined;
  }
}
