import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type CommandOptions, type ComposedCommand, composeCommand } from "../handshake/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Entry, Runner, Running, RunSpec } from "./runner.ts";

/**
 * A runner for plugins that are threads of the host's own process: the script that would be a process of its own runs in a
 * worker of `node:worker_threads`. Contracts, callbacks, streams, logs and the end are the same. What holds less:
 *
 * - What brings the process down takes the host along: a crash of the runtime or of a native module, memory used up.
 * - The plugin has all permissions that the host has, and can reach all that the process can, such as its working directory.
 * - Signals of the system are for the host; a plugin that has to be made to end is terminated, wherever it is.
 *
 * `cwd`, `permissions`, `inspect`, `stdin`, another `runtime` and a command in place of a script are refused.
 *
 * @returns The runner. It can be used for any number of plugins.
 *
 * @example
 * ```ts ignore
 * import { launch, workerRunner } from "@plugwire/plugwire";
 * import { greeter } from "./greeter.ts";
 * await using plugin = await launch(new URL("./plugin.ts", import.meta.url), { runner: workerRunner() });
 * console.log(await plugin.dispense(greeter).greet("World")); // Hello, World!
 * ```
 */
export function workerRunner(): Runner {
  return { name: "worker", transport: "stdio", compose, start };
}

async function compose(entry: Entry, options: CommandOptions): Promise<ComposedCommand> {
  const { runtime, permissions, inspect, hostRuntime, args = [] } = options;
  if (typeof entry !== "string" && !(entry instanceof URL)) {
    throw new TypeError("a worker runs a script of this machine: give its path or URL, not a command");
  }
  if (runtime !== undefined && runtime !== hostRuntime) {
    throw new TypeError(`a worker runs on its host's own runtime, which is ${hostRuntime}, and not on ${runtime}`);
  }
  if (permissions !== undefined)
    throw new TypeError("a worker has the permissions of its host: it cannot be given others");
  if (inspect !== undefined) throw new TypeError("a worker is part of its host: debug that instead of using inspect");
  const { name, file } = await composeCommand(entry, { ...options, runtime: hostRuntime });
  return { argv: [file!, ...args], name, file, runtime: hostRuntime };
}

async function start(spec: RunSpec, runtime: Runtime): Promise<Running> {
  refuseOthers(spec);
  const [script = "", ...args] = spec.command.argv;
  const worker = await runtime.startWorker({ script, args, env: spec.env, name: spec.name });
  return {
    id: `thread ${worker.id}`,
    pid: undefined,
    stdio: worker.stdio,
    stdout: worker.stdout,
    stderr: worker.stderr,
    exited: worker.exited,
    kill: (signal) => (signal === "SIGKILL" ? worker.terminate() : worker.signal(signal)),
    release: () => worker.release(),
  };
}

/** What a thread has in common with its process cannot be another for it. */
function refuseOthers({ cwd, stdin, resources, diesWithHost }: RunSpec): void {
  if (cwd !== undefined) throw new TypeError("a worker has the working directory of its host: leave cwd out");
  if (stdin === "inherit") throw new TypeError('a worker has no stdin of its own: leave stdin: "inherit" out');
  if (!diesWithHost) throw new TypeError("a worker ends with its host: leave reattach out");
  // Node has a limit for a thread's heap, but reaching it ends the whole process now and then.
  const refused = Object.entries(resources).find(([, value]) => value !== undefined)?.[0];
  if (refused !== undefined) {
    throw new PluginError(
      ErrorCode.startFailed,
      `cannot limit resources.${refused} of a worker: it is part of its host's process`,
    );
  }
}
