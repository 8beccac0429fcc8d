import * as v from "valibot";
import { checkOptions, type OptionRules } from "../errors/check_options.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { type CommandOptions, type ComposedCommand, composeCommand } from "../handshake/mod.ts";
import type { Address, ChildProcess, FileStat, Runtime } from "../runtime/runtime.ts";
import { containerCommand, containerSocketDirectory } from "./_container_command.ts";
import { explainContainer } from "./_container_faults.ts";
import type { ContainerOptions } from "./container_options.ts";
import type { Entry, Runner, Running, RunSpec } from "./runner.ts";

const aText = v.pipe(v.string("must be a string"), v.minLength(1, "must not be empty"));
const rules: OptionRules = {
  image: aText,
  engine: aText,
  mounts: v.array(
    v.looseObject(
      {
        source: aText,
        target: v.optional(aText),
        // A text such as "false" would let the plugin write.
        writable: v.optional(v.boolean("must be true or false")),
      },
      "must be { source, target, writable }",
    ),
    "must be an array of { source, target, writable }",
  ),
  network: aText,
  user: v.union([v.string(), v.literal(false)], "must be a string or false"),
  pull: v.picklist(["never", "missing", "always"], 'must be "never", "missing" or "always"'),
  args: v.array(v.string(), "must be an array of strings"),
};

/**
 * A runner for plugins in containers, by the command of docker or podman. The plugin is what the image has, and an entry is named as
 * it is there: `["node", "/app/plugin.js"]`, the absolute path of a script or an executable, or `[]` for the image's own command.
 *
 * The container has no network, sees nothing of this machine but its socket's directory, has of the environment only what `env`
 * gives and the handshake needs, and is removed at its end.
 *
 * @param options See {@linkcode ContainerOptions}.
 * @returns The runner. It can be used for any number of plugins.
 * @throws TypeError for options that cannot be.
 *
 * @example
 * ```ts ignore
 * import { containerRunner, launch } from "@plugwire/plugwire";
 * import { greeter } from "./greeter.ts";
 * const runner = containerRunner({ image: "greeter-plugin:1" });
 * await using plugin = await launch(["node", "/app/plugin.js"], { runner });
 * console.log(await plugin.dispense(greeter).greet("World")); // Hello, World!
 * ```
 */
export function containerRunner(options: ContainerOptions): Runner {
  checkOptions("containerRunner", rules, options);
  if (!options.image || options.image.startsWith("-"))
    throw new TypeError(`image of containerRunner must be the name of an image, not ${JSON.stringify(options.image)}`);
  const { engine = "docker" } = options;
  return {
    name: "container",
    compose: (entry, command) => compose(entry, command, options),
    hostToPlugin,
    pluginToHost,
    start: (spec, runtime) => start(spec, options, runtime),
    diagnose: async (error, spec) => explainContainer(error, engine, spec, options),
  };
}

async function compose(entry: Entry, options: CommandOptions, { image }: ContainerOptions): Promise<ComposedCommand> {
  if (options.inspect !== undefined) throw new TypeError("inspect does not reach into a container: leave it out");
  if (Array.isArray(entry) && entry.length === 0) {
    if (options.runtime !== undefined || options.permissions !== undefined)
      throw new TypeError(
        "the image's own command is used as it is: runtime and permissions belong into it, not beside it",
      );
    return { argv: [...(options.args ?? [])], name: image.replace(/^.*\/|[:@].*$/g, "") };
  }
  if (entry instanceof URL || (typeof entry === "string" && !entry.startsWith("/"))) {
    throw new TypeError(
      `an entry must be the absolute path that it has in the container, or a command, not ${String(entry)}`,
    );
  }
  return await composeCommand(entry, { ...options, ...inContainer(options) });
}

/** What is in an image is not looked at: names are taken for what the image will find. */
function inContainer({ runtime, hostRuntime, socketPath, transport }: CommandOptions): Partial<CommandOptions> {
  const file: FileStat = { kind: "file", mode: 0o755, uid: 0, size: 0, modifiedMs: 0 };
  return {
    hostExecPath: runtime ?? hostRuntime,
    hostCompiled: false,
    os: "linux",
    directory: "/",
    transport,
    socketPath: socketPath === undefined ? undefined : inContainerDirectory(socketPath),
    find: async (name) => name,
    stat: async () => file,
  };
}

function inContainerDirectory(path: string): string {
  return `${containerSocketDirectory}/${path.slice(path.lastIndexOf("/") + 1)}`;
}

function hostToPlugin(address: Address): Address {
  return address.network === "unix" ? { network: "unix", path: inContainerDirectory(address.path) } : address;
}

function pluginToHost(address: Address, { name, socketDirectory }: RunSpec): Address {
  if (address.network !== "unix") return address;
  const inside = `${containerSocketDirectory}/`;
  if (socketDirectory !== undefined && address.path.startsWith(inside)) {
    return { network: "unix", path: `${socketDirectory}/${address.path.slice(inside.length)}` };
  }
  throw new PluginError(
    ErrorCode.connectFailed,
    `plugin ${name} listens at ${address.path} in its container, and only ${containerSocketDirectory} can be reached from outside`,
    { plugin: name },
  );
}

async function start(spec: RunSpec, options: ContainerOptions, runtime: Runtime): Promise<Running> {
  if (spec.stdin === "inherit")
    throw new TypeError('a container does not share a terminal: leave stdin: "inherit" out');
  if (!spec.diesWithHost) throw new TypeError("a plugin in a container does not outlive its host: leave reattach out");
  const { engine = "docker" } = options;
  // The engine may take part in the end of the host, when there is no time to look for it.
  const program = engine.includes("/") ? engine : ((await runtime.findExecutable(engine)) ?? engine);
  const name = `plugwire-${runtime.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const { argv, env } = containerCommand(name, program, { spec, options, runtime });
  const { stdin, stdout, stderr } = spec;
  // Signals are passed on by the engine's command, so that it must not share the host's process group.
  const client = await runtime.spawn({ command: argv, env, stdin, stdout, stderr, ownSession: true });
  return new RunningContainer(name, program, client, runtime);
}

class RunningContainer implements Running {
  readonly id: string;
  readonly pid = undefined;
  readonly stdio: Running["stdio"];
  readonly stderr: Running["stderr"];
  readonly exited: Running["exited"];
  readonly #engine: string;
  readonly #client: ChildProcess;
  readonly #runtime: Runtime;
  /** The container has ended, which is what its client waits for. */
  #isOver = false;
  #isRemoving = false;
  #removed: Promise<void> | undefined;

  constructor(name: string, engine: string, client: ChildProcess, runtime: Runtime) {
    this.id = name;
    this.#engine = engine;
    this.#client = client;
    this.#runtime = runtime;
    this.stdio = client.stdio;
    this.stderr = client.stderr;
    this.exited = client.exited.then((status) => {
      // One that was killed says nothing of its container.
      this.#isOver = status.signal === null;
      return status;
    });
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    if (this.#isOver) return;
    if (signal === "SIGTERM") return this.#client.kill(signal);
    if (!this.#isRemoving) {
      this.#isRemoving = true;
      this.#removed = this.#runtime.runNow([this.#engine, "rm", "--force", this.id]);
    }
    this.#client.killGroup("SIGKILL");
  }

  async release(): Promise<void> {
    await this.#removed;
    this.#client.release();
  }
}
