import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { explainFailedStart, refuseNoProgram } from "./_failed_start.ts";
import { LaunchedPlugin } from "./_launched_plugin.ts";
import { logSinkFrom } from "./_log_sink.ts";
import { PluginOutput } from "./_plugin_output.ts";
import { PluginProcess } from "./_plugin_process.ts";
import { plainSpawnError, spawnPlugin } from "./_spawn_plugin.ts";
import { Start } from "./_start.ts";
import { planStart, type StartPlan } from "./_start_plan.ts";
import type { LaunchOptions } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** Starts a plugin's process, reads its line, joins it. Whatever fails, nothing is left. */
export async function startPlugin(
  entry: URL | string | readonly string[],
  options: LaunchOptions,
  runtime: Runtime,
): Promise<Plugin> {
  options.signal?.throwIfAborted();
  const plan = await planStart(entry, options, runtime);
  const { process, output } = await startProcess(plan, options, runtime);
  const start = new Start(plan, process, output, options, runtime);
  try {
    const { session, version } = await start.run();
    return new LaunchedPlugin({ session, process, plan, output, runtime, options, version });
  } catch (error) {
    await process.kill();
    if (!(error instanceof PluginError)) throw error;
    const told = await plainSpawnError(error, plan, options.cwd, runtime);
    throw await explainFailedStart(told, plan, runtime);
  }
}

async function startProcess(
  plan: StartPlan,
  options: LaunchOptions,
  runtime: Runtime,
): Promise<{ readonly process: PluginProcess; readonly output: PluginOutput }> {
  let output: PluginOutput | undefined;
  try {
    // Before the process: a sink that cannot be written to is the caller's mistake.
    output = new PluginOutput(plan.name, logSinkFrom(options.log, runtime), options);
    await refuseNoProgram(plan, runtime);
    options.signal?.throwIfAborted();
    const child = await spawnPlugin(plan, options.cwd, runtime).catch(async (error: unknown) => {
      throw await explainFailedStart(PluginError.from(error, ErrorCode.startFailed), plan, runtime);
    });
    return { process: new PluginProcess(child, plan, output, runtime), output };
  } catch (error) {
    await output?.release();
    // What made the start fail matters more, and a later host sweeps.
    if (plan.directory !== undefined) await runtime.remove(plan.directory).catch(() => {});
    throw error;
  }
}
