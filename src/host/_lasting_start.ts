import { ErrorCode, PluginError } from "../errors/mod.ts";
import { LastingOutput, type PluginOutput, StdoutFile } from "../output/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { KnownProcess } from "./_other_running.ts";
import type { PluginProcess } from "./_plugin_process.ts";
import type { StartPlan } from "./_start_plan.ts";

/** A plugin that is to outlive its host, as far as its process is started. */
export interface LastingStart {
  readonly known: KnownProcess;
  /** Where its handshake line is looked for. */
  readonly line: StdoutFile;
  readonly output: LastingOutput;
}

/**
 * Begins to follow the output of a plugin that is to outlive its host.
 *
 * @returns `undefined` for one that is not.
 * @throws PluginError `start_failed` when it is no process of this machine, `not_found`, `internal`.
 */
export async function followStart(
  { files, spec, runner }: StartPlan,
  process: PluginProcess,
  output: PluginOutput,
  runtime: Runtime,
): Promise<LastingStart | undefined> {
  if (files === undefined) return undefined;
  try {
    const { pid } = process.running;
    if (pid === undefined) {
      const text = `plugin ${spec.name} cannot outlive its host (reattach): what runner ${runner.name} starts is no process of this machine`;
      throw new PluginError(ErrorCode.startFailed, text, { execution: "none" });
    }
    // One that has ended already is told of when its output has come.
    const started = runtime.processStart(pid) ?? "";
    const line = new StdoutFile();
    const lasting = await LastingOutput.follow({ files, output, runtime, from: { stdout: 0, stderr: 0 } }, line);
    void process.exited.then(() => lasting.finish());
    return { known: { pid, started }, line, output: lasting };
  } catch (error) {
    // Nobody waits for it any more.
    await output.release();
    throw error;
  }
}
