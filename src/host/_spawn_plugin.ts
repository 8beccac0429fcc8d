import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { ChildProcess, Runtime, SpawnOptions } from "../runtime/runtime.ts";
import { withParentDeathSignal } from "./_parent_death.ts";
import type { StartPlan } from "./_start_plan.ts";

/** Starts the process of a plan, so that it dies with the host where the system can see to that. */
export async function spawnPlugin(plan: StartPlan, cwd: string | undefined, runtime: Runtime): Promise<ChildProcess> {
  const { argv } = plan.command;
  const command = await withParentDeathSignal(argv, runtime);
  const pipes = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;
  const options: SpawnOptions = { command, cwd, env: plan.env, ownSession: true, ...pipes };
  try {
    return await runtime.spawn(options);
  } catch (error) {
    // The error is about the command in between; the plugin's own says what is wrong.
    if (command !== argv) return await runtime.spawn({ ...options, command: argv });
    throw error;
  }
}

/**
 * What the system says of a program that `setpriv` could not run: it was started, and then failed in its own words. So the
 * program is started without it, to fail in the system's.
 */
export async function plainSpawnError(
  error: PluginError,
  plan: StartPlan,
  cwd: string | undefined,
  runtime: Runtime,
): Promise<PluginError> {
  const { code, exitCode, stderr = "" } = error;
  if (code !== ErrorCode.exited || (exitCode !== 126 && exitCode !== 127) || !stderr.startsWith("setpriv: "))
    return error;
  const nothing = { stdin: "null", stdout: "null", stderr: "null" } as const;
  try {
    const child = await runtime.spawn({
      command: plan.command.argv,
      cwd,
      env: plan.env,
      ownSession: true,
      ...nothing,
    });
    child.killGroup("SIGKILL");
    await child.exited;
    child.release();
    return error;
  } catch (plain) {
    return PluginError.from(plain, ErrorCode.startFailed);
  }
}
