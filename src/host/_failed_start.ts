import { ErrorCode, PluginError } from "../errors/mod.ts";
import { architectureMismatch, describeExecutable, executableHeadBytes } from "../handshake/mod.ts";
import type { ExitStatus, Runtime } from "../runtime/runtime.ts";
import type { StartPlan } from "./_start_plan.ts";

/** How a process ended, in words. */
export function describeExit({ code, signal }: ExitStatus): string {
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
}

/** The end of a plugin's stderr as the end of a message. */
export function stderrEnd(tail: string): string {
  return tail === "" ? "; it wrote nothing to stderr" : `; its stderr ended:\n${tail.replace(/^/gm, "  ")}`;
}

/**
 * Finds out more about a start that failed: a program that is for another machine, or no program at all, fails in ways
 * that say little.
 */
export async function explainFailedStart(error: PluginError, plan: StartPlan, runtime: Runtime): Promise<PluginError> {
  const mayBeFile =
    error.code === ErrorCode.exited || error.code === ErrorCode.startFailed || error.code === ErrorCode.notExecutable;
  const { file, runtime: chosen } = plan.command;
  if (!mayBeFile || file === undefined || chosen !== undefined) return error;
  const [head, stat] = await Promise.all([
    runtime.readHead(file, executableHeadBytes).catch(() => undefined),
    runtime.stat(file),
  ]);
  if (head === undefined || stat === undefined) return error;
  const mismatch = architectureMismatch(head, runtime.os, runtime.arch);
  const facts = { plugin: plan.name, execution: "none", cause: error } as const;
  if (mismatch !== undefined) {
    return new PluginError(
      ErrorCode.wrongArchitecture,
      `cannot launch ${file}: it is ${mismatch}; get the one for this machine`,
      facts,
    );
  }
  const { kind, words } = describeExecutable(head, stat.mode);
  if (kind === "elf" || kind === "mach_o" || kind === "pe" || kind === "script") return error;
  return new PluginError(ErrorCode.notExecutable, `cannot launch ${file}: it is ${words}`, facts);
}
