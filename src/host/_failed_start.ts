import { ErrorCode, type PluginError } from "../errors/mod.ts";
import { stderrEnd } from "../output/mod.ts";
import { type Resources, type Runner, type RunSpec, reworded } from "../runner/mod.ts";
import type { ExitStatus, Runtime } from "../runtime/runtime.ts";
import { describeExceeded } from "./_exceeded.ts";

/** How a process ended, in words. */
export function describeExit({ code, signal, exceeded }: ExitStatus, resources: Resources = {}): string {
  if (code === null && signal === null) return "has ended";
  const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
  return exceeded === undefined ? how : `${how}: ${describeExceeded(exceeded, resources)}`;
}

export { reworded, stderrEnd };

/** What may be why a program that was started is no plugin. */
function withHint(error: PluginError, { command: { hint } }: RunSpec): PluginError {
  if (hint === undefined || !mayBeAnother.includes(error.code)) return error;
  return reworded(error, `${error.message}; ${hint}`);
}

const mayBeAnother: readonly string[] = [ErrorCode.exited, ErrorCode.timeout, ErrorCode.badHandshake];

/** What is known of a start that failed: what its runner finds out, and the plugin's name where the message lacks it. */
export async function explainFailedStart(
  error: PluginError,
  spec: RunSpec,
  runner: Runner,
  runtime: Runtime,
): Promise<PluginError> {
  const told = withHint((await runner.diagnose?.(error, spec, runtime)) ?? error, spec);
  const facts = { plugin: spec.name, execution: "none", cause: error } as const;
  if (told.message.startsWith("cannot launch") || told.message.startsWith(`plugin ${spec.name}`))
    return told.with(facts);
  return reworded(told, `cannot launch plugin ${spec.name}: ${told.message}`, facts);
}
