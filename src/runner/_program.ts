import { ErrorCode, PluginError } from "../errors/mod.ts";
import { architectureMismatch, describeExecutable, executableHeadBytes } from "../handshake/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { reworded } from "./reworded.ts";
import type { RunSpec } from "./runner.ts";

/** The file that is run, where Plugwire did not choose a runtime for it; `undefined` too when there is none. */
async function programOf({ command, env, cwd }: RunSpec, runtime: Runtime): Promise<string | undefined> {
  if (command.runtime !== undefined) return undefined;
  if (command.file !== undefined) return command.file;
  const name = command.argv[0]!;
  if (!name.includes("/")) return await runtime.findExecutable(name, env.PATH);
  return name.startsWith("/") || cwd === undefined ? name : `${cwd}/${name}`;
}

const noPrograms: readonly string[] = ["empty", "json", "text"];

/**
 * Refuses what is plainly no program before it is started: some runtimes hand a file that the system cannot run to the
 * shell, which then runs its lines, whatever they are.
 * @throws PluginError `not_executable`.
 */
export async function refuseNoProgram(spec: RunSpec, runtime: Runtime): Promise<void> {
  const found = await lookAtProgram(spec, runtime);
  if (found === undefined || !found.executable || !noPrograms.includes(found.kind)) return;
  throw new PluginError(ErrorCode.notExecutable, `cannot launch ${found.path}: it is ${found.words}`, {
    plugin: spec.name,
    execution: "none",
  });
}

/**
 * Finds out more about a start that failed: a program for another machine, or a file of another kind, fails in ways that
 * say little.
 */
export async function explainProgram(error: PluginError, spec: RunSpec, runtime: Runtime): Promise<PluginError> {
  const found = mayBeFile.includes(error.code) ? await lookAtProgram(spec, runtime) : undefined;
  if (found === undefined) return error;
  const { path, mismatch, kind, words } = found;
  if (mismatch !== undefined) {
    const text = `cannot launch ${path}: it is ${mismatch}; get the one for this machine`;
    return new PluginError(ErrorCode.wrongArchitecture, text, { cause: error });
  }
  if (kind === "script" && error.code === ErrorCode.notFound)
    return reworded(error, `cannot launch ${path}: it is ${words}, and that was not found`);
  if (kind === "unknown")
    return new PluginError(ErrorCode.notExecutable, `cannot launch ${path}: it is ${words}`, { cause: error });
  return error;
}

const mayBeFile: readonly string[] = [
  ErrorCode.exited,
  ErrorCode.startFailed,
  ErrorCode.notExecutable,
  ErrorCode.notFound,
];

interface ProgramFound {
  readonly path: string;
  readonly kind: string;
  readonly words: string;
  readonly executable: boolean;
  readonly mismatch: string | undefined;
}

async function lookAtProgram(spec: RunSpec, runtime: Runtime): Promise<ProgramFound | undefined> {
  try {
    const path = await programOf(spec, runtime);
    if (path === undefined) return undefined;
    const [head, stat] = await Promise.all([runtime.readHead(path, executableHeadBytes), runtime.stat(path)]);
    if (stat === undefined) return undefined;
    const { kind, words, executable } = describeExecutable(head, stat.mode);
    return { path, kind, words, executable, mismatch: architectureMismatch(head, runtime.os, runtime.arch) };
  } catch {
    // A program may be for running and not for reading; what is not known is not said.
    return undefined;
  }
}
