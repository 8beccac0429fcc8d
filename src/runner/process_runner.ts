import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { ChildProcess, Runtime, SpawnOptions } from "../runtime/runtime.ts";
import { withParentDeathSignal } from "./_parent_death.ts";
import { explainProgram, refuseNoProgram } from "./_program.ts";
import type { Runner, Running, RunSpec } from "./runner.ts";

/**
 * The runner that is the default: a plugin is a process of its own, the leader of its process group, which is killed as
 * a whole.
 *
 * @returns The runner. It can be used for any number of plugins.
 */
export function processRunner(): Runner {
  return { name: "process", start, diagnose };
}

async function start(spec: RunSpec, runtime: Runtime): Promise<Running> {
  await refuseNoProgram(spec, runtime);
  return runningProcess(await spawnWithHost(spec, runtime));
}

/** A child that leads its process group, as a runner gives it. */
export function runningProcess(child: ChildProcess): Running {
  return {
    id: String(child.pid),
    pid: child.pid,
    stdio: child.stdio,
    stderr: child.stderr,
    exited: child.exited,
    kill: (signal) => child.killGroup(signal),
    release: () => child.release(),
  };
}

/** Starts the process, so that it dies with the host where that is asked for and the system can see to it. */
async function spawnWithHost(spec: RunSpec, runtime: Runtime): Promise<ChildProcess> {
  const options = spawnOptions(spec);
  const command = spec.diesWithHost ? await withParentDeathSignal(options.command, runtime) : options.command;
  try {
    return await runtime.spawn({ ...options, command });
  } catch (error) {
    // The error is about the command in between; the plugin's own says what is wrong.
    if (command !== options.command) return await runtime.spawn(options);
    throw error;
  }
}

function spawnOptions({ command, cwd, env, stdin, stdout, stderr }: RunSpec): SpawnOptions {
  return { command: command.argv, cwd, env, stdin, stdout, stderr, ownSession: stdin !== "inherit" };
}

async function diagnose(error: PluginError, spec: RunSpec, runtime: Runtime): Promise<PluginError> {
  return await explainProgram(await plainSpawnError(error, spec, runtime), spec, runtime);
}

/**
 * What the system says of a program that `setpriv` could not run: it was started, and then failed in its own words. So the
 * program is started without it, to fail in the system's.
 */
async function plainSpawnError(error: PluginError, spec: RunSpec, runtime: Runtime): Promise<PluginError> {
  const { code, exitCode, stderr = "" } = error;
  if (code !== ErrorCode.exited || (exitCode !== 126 && exitCode !== 127) || !stderr.startsWith("setpriv: "))
    return error;
  const nothing = { stdin: "null", stdout: "null", stderr: "null" } as const;
  try {
    const child = await runtime.spawn({ ...spawnOptions(spec), ...nothing });
    child.killGroup("SIGKILL");
    await child.exited;
    child.release();
    return error;
  } catch (plain) {
    return PluginError.from(plain, ErrorCode.startFailed);
  }
}
