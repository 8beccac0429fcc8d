import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { ChildProcess, ExitStatus, Runtime, SpawnOptions } from "../runtime/runtime.ts";
import { refusedLimit, withHeapLimit, withSystemLimits } from "./_limited_command.ts";
import { watchMemory } from "./_memory_watch.ts";
import { withParentDeathSignal } from "./_parent_death.ts";
import { explainProgram, refuseNoProgram } from "./_program.ts";
import { rememberTerminal } from "./_terminal.ts";
import type { Runner, Running, RunSpec } from "./runner.ts";

/**
 * The runner that is the default: a plugin is a process of its own, the leader of its process group, which is killed as
 * a whole. One that is left the host's stdin stays in the host's group, and is killed alone.
 *
 * @returns The runner. It can be used for any number of plugins.
 */
export function processRunner(): Runner {
  return { name: "process", start, diagnose };
}

async function start(spec: RunSpec, runtime: Runtime): Promise<Running> {
  await refuseNoProgram(spec, runtime);
  const restoreTerminal = spec.stdin === "inherit" ? await rememberTerminal(runtime) : undefined;
  const child = await spawnWithHost(spec, runtime);
  try {
    const exited = await exitWithin(child, spec, runtime);
    if (restoreTerminal === undefined) return runningProcess(child, exited);
    return runningProcess(child, async () => {
      const status = await exited();
      // Whoever ends in order has left the terminal as he wants it.
      if (status.code !== 0) await restoreTerminal();
      return status;
    });
  } catch (error) {
    child.killGroup("SIGKILL");
    await child.exited;
    child.release();
    throw error;
  }
}

/** A child that leads its process group, as a runner gives it. */
function runningProcess(child: ChildProcess, exited: () => Promise<ExitStatus> = () => child.exited): Running {
  return {
    id: String(child.pid),
    pid: child.pid,
    stdio: child.stdio,
    stderr: child.stderr,
    exited: exited(),
    kill: (signal) => child.killGroup(signal),
    release: () => child.release(),
  };
}

/** How a child ends, and of which of its limits. */
async function exitWithin(
  child: ChildProcess,
  { resources: { memoryBytes, cpuSeconds } }: RunSpec,
  runtime: Runtime,
): Promise<() => Promise<ExitStatus>> {
  const kill = (): void => child.killGroup("SIGKILL");
  const memory = memoryBytes === undefined ? undefined : await watchMemory(child.pid, memoryBytes, runtime, kill);
  return async () => {
    const status = await child.exited;
    memory?.stop();
    if (memory?.isExceeded === true && status.signal === "SIGKILL") return { ...status, exceeded: "memoryBytes" };
    if (cpuSeconds !== undefined && status.signal === "SIGXCPU") return { ...status, exceeded: "cpuSeconds" };
    return status;
  };
}

/** Starts the process, so that it dies with the host where that is asked for and the system can see to it. */
async function spawnWithHost(spec: RunSpec, runtime: Runtime): Promise<ChildProcess> {
  const options = spawnOptions(spec);
  const limited = await withSystemLimits(options.command, spec.resources, runtime);
  const command = spec.diesWithHost ? await withParentDeathSignal(limited, runtime) : limited;
  try {
    return await runtime.spawn({ ...options, command });
  } catch (error) {
    // The error is about the command in between; the plugin's own says what is wrong.
    if (limited !== options.command) throw (await plainFailure(spec, runtime)) ?? error;
    if (command !== limited) return await runtime.spawn(options);
    throw error;
  }
}

function spawnOptions({ command, resources, cwd, env, stdin, stdout, stderr }: RunSpec): SpawnOptions {
  const { argv, env: more } = withHeapLimit(command, resources);
  return { command: argv, cwd, env: { ...env, ...more }, stdin, stdout, stderr, ownSession: stdin !== "inherit" };
}

async function diagnose(error: PluginError, spec: RunSpec, runtime: Runtime): Promise<PluginError> {
  const refused = refusedLimit(error, spec.resources);
  if (refused !== undefined) return refused;
  const told = failedBefore(error) ? ((await plainFailure(spec, runtime)) ?? error) : error;
  return await explainProgram(told, spec, runtime);
}

/** Whether what failed was to become the plugin's program, and could not run it: it was started, and says so in its own words. */
function failedBefore({ code, exitCode, stderr = "" }: PluginError): boolean {
  return code === ErrorCode.exited && (exitCode === 126 || exitCode === 127) && /^(setpriv|prlimit|sh): /.test(stderr);
}

/** Starts the program with nothing before it, to hear why the system does not run it; `undefined` when it does. */
async function plainFailure(spec: RunSpec, runtime: Runtime): Promise<PluginError | undefined> {
  const nothing = { stdin: "null", stdout: "null", stderr: "null" } as const;
  try {
    const child = await runtime.spawn({ ...spawnOptions(spec), ...nothing, ownSession: true });
    child.killGroup("SIGKILL");
    await child.exited;
    child.release();
    return undefined;
  } catch (plain) {
    return PluginError.from(plain, ErrorCode.startFailed);
  }
}
