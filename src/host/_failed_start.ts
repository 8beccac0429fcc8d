import { ErrorCode, PluginError } from "../errors/mod.ts";
import { architectureMismatch, describeExecutable, executableHeadBytes } from "../handshake/mod.ts";
import type { ExitStatus, Runtime } from "../runtime/runtime.ts";
import type { StartPlan } from "./_start_plan.ts";
import { reworded } from "./reworded.ts";
import { stderrEnd } from "./stderr_end.ts";

/** How a process ended, in words. */
export function describeExit({ code, signal }: ExitStatus): string {
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
}

export { reworded, stderrEnd };

/**
 * Refuses what is plainly no program before it is started: some runtimes hand a file that the system cannot run to the
 * shell, which then runs its lines, whatever they are.
 * @throws PluginError `not_executable`.
 */
export async function refuseNoProgram(plan: StartPlan, runtime: Runtime): Promise<void> {
  const found = await lookAtProgram(plan, runtime);
  if (found === undefined || !found.executable || !noPrograms.includes(found.kind)) return;
  throw new PluginError(ErrorCode.notExecutable, `cannot launch ${plan.program}: it is ${found.words}`, {
    plugin: plan.name,
    execution: "none",
  });
}

const noPrograms: readonly string[] = ["empty", "json", "text"];

/**
 * Finds out more about a start that failed: a program for another machine, or a file of another kind, fails in ways that
 * say little. Names the plugin where the message does not.
 */
export async function explainFailedStart(error: PluginError, plan: StartPlan, runtime: Runtime): Promise<PluginError> {
  const facts = { plugin: plan.name, execution: "none", cause: error } as const;
  const found = mayBeFile.includes(error.code) ? await lookAtProgram(plan, runtime) : undefined;
  if (found?.mismatch !== undefined) {
    const text = `cannot launch ${plan.program}: it is ${found.mismatch}; get the one for this machine`;
    return new PluginError(ErrorCode.wrongArchitecture, text, facts);
  }
  if (found?.kind === "script" && error.code === ErrorCode.notFound)
    return reworded(error, `cannot launch ${plan.program}: it is ${found.words}, and that was not found`, facts);
  if (found?.kind === "unknown")
    return new PluginError(ErrorCode.notExecutable, `cannot launch ${plan.program}: it is ${found.words}`, facts);
  if (error.message.startsWith("cannot launch") || error.message.startsWith(`plugin ${plan.name}`))
    return error.with(facts);
  return reworded(error, `cannot launch plugin ${plan.name}: ${error.message}`, facts);
}

const mayBeFile: readonly string[] = [
  ErrorCode.exited,
  ErrorCode.startFailed,
  ErrorCode.notExecutable,
  ErrorCode.notFound,
];

interface ProgramFound {
  readonly kind: string;
  readonly words: string;
  readonly executable: boolean;
  readonly mismatch: string | undefined;
}

async function lookAtProgram({ program }: StartPlan, runtime: Runtime): Promise<ProgramFound | undefined> {
  if (program === undefined) return undefined;
  try {
    const [head, stat] = await Promise.all([runtime.readHead(program, executableHeadBytes), runtime.stat(program)]);
    if (stat === undefined) return undefined;
    const { kind, words, executable } = describeExecutable(head, stat.mode);
    return { kind, words, executable, mismatch: architectureMismatch(head, runtime.os, runtime.arch) };
  } catch {
    // A program may be for running and not for reading; what is not known is not said.
    return undefined;
  }
}
