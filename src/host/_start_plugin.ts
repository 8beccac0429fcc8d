import { ErrorCode, PluginError } from "../errors/mod.ts";
import { logSinkFrom, PluginOutput } from "../output/mod.ts";
import type { Entry } from "../runner/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { explainFailedStart } from "./_failed_start.ts";
import { LastingPlugin } from "./_lasting_plugin.ts";
import { followStart } from "./_lasting_start.ts";
import { LaunchedPlugin, type LaunchedPluginParts } from "./_launched_plugin.ts";
import { explainingOpenFiles } from "./_open_files.ts";
import { PluginProcess } from "./_plugin_process.ts";
import { Start } from "./_start.ts";
import { planStart, type StartPlan } from "./_start_plan.ts";
import type { LaunchOptions } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** Starts a plugin's process, reads its line, joins it. Whatever fails, nothing is left. */
export async function startPlugin(entry: Entry, options: LaunchOptions, runtime: Runtime): Promise<Plugin> {
  options.signal?.throwIfAborted();
  const plan = await planStart(entry, options, runtime);
  const { process, output } = await startProcess(plan, options, runtime);
  try {
    const lasting = await followStart(plan, process, output, runtime);
    const start = new Start(plan, process, output, explainingOpenFiles(options, output.log), runtime, lasting?.line);
    const { session, version, address } = await start.run();
    const parts: LaunchedPluginParts = { session, process, spec: plan.spec, output, runtime, options, version };
    if (lasting === undefined || address === undefined) return new LaunchedPlugin(parts);
    return new LastingPlugin(parts, { address, secret: plan.secret, known: lasting.known, output: lasting.output });
  } catch (error) {
    await process.kill();
    if (!(error instanceof PluginError) || error === options.signal?.reason) throw error;
    throw await explainFailedStart(error, plan.spec, plan.runner, runtime);
  }
}

async function startProcess(
  plan: StartPlan,
  options: LaunchOptions,
  runtime: Runtime,
): Promise<{ readonly process: PluginProcess; readonly output: PluginOutput }> {
  const { spec, runner } = plan;
  let output: PluginOutput | undefined;
  try {
    // Before the process: a sink that cannot be written to is the caller's mistake.
    output = new PluginOutput(spec.name, logSinkFrom(options.log, runtime), options);
    options.signal?.throwIfAborted();
    const running = await runner.start(spec, runtime).catch(async (error: unknown) => {
      // What the caller asked for cannot be.
      if (error instanceof TypeError) throw error;
      throw await explainFailedStart(PluginError.from(error, ErrorCode.startFailed), spec, runner, runtime);
    });
    return { process: new PluginProcess(running, spec, output, runtime), output };
  } catch (error) {
    await output?.release();
    // What made the start fail matters more, and a later host sweeps.
    if (spec.socketDirectory !== undefined) await runtime.remove(spec.socketDirectory).catch(() => {});
    throw error;
  }
}
