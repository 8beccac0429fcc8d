import {
  attach,
  type ConnectOptions,
  type Duplex,
  inProcess,
  type Limits,
  type Link,
  launch,
  type Plugin,
  type Served,
  serveOver,
  workerRunner,
} from "../../mod.ts";
import { linkKinds, memoryDuplexes } from "./links.ts";
import { runtimeNames } from "./runtimes.ts";

/** A plugin program: what it serves, and the script that serves the same as a process. */
export interface PluginProgram {
  makeServed(): Served[];
  /** Takes the limits of its side as JSON in its first argument. */
  readonly script: URL;
}

/** How a plugin of these tests is opened. */
export interface OpenOptions extends ConnectOptions {
  /** Limits of the plugin's side. */
  readonly pluginLimits?: Partial<Limits>;
}

/** One way to a plugin. */
export interface PluginWay {
  readonly name: string;
  /** Whether the plugin has an end of its own, as a process has. */
  readonly isProcess: boolean;
  open(program: PluginProgram, options?: OpenOptions): Promise<Plugin>;
}

function overConnection(name: string, connect: () => Promise<[Duplex | Link, Duplex | Link]>): PluginWay {
  return {
    name,
    isProcess: false,
    async open(program, { pluginLimits, ...options } = {}) {
      const [hostEnd, pluginEnd] = await connect();
      const serving = serveOver(pluginEnd, { versions: { 1: program.makeServed() }, limits: pluginLimits });
      // What broke the session is the host's to tell; here it only must not go unhandled.
      serving.catch(() => {});
      return await attach(hostEnd, { name: "tested", ...options });
    },
  };
}

function launched(runtime: (typeof runtimeNames)[number], transport: "unix" | "stdio"): PluginWay {
  return {
    name: `launch() of a plugin on ${runtime} over ${transport}`,
    isProcess: true,
    open: (program, { pluginLimits, ...options } = {}) =>
      launch(program.script, {
        name: "tested",
        runtime,
        transport,
        log: false,
        args: [JSON.stringify(pluginLimits ?? {})],
        ...options,
      }),
  };
}

const worker: PluginWay = {
  name: "launch() of a worker",
  isProcess: true,
  open: (program, { pluginLimits, ...options } = {}) =>
    launch(program.script, {
      name: "tested",
      runner: workerRunner(),
      log: false,
      args: [JSON.stringify(pluginLimits ?? {})],
      ...options,
    }),
};

/**
 * Every way to a plugin: in this process, over each kind of link and over Web Streams, as a thread, and as a process on each runtime.
 * With the runtime that runs the tests for a host, the last are a third of all pairs.
 */
export const pluginWays: readonly PluginWay[] = [
  {
    name: "inProcess()",
    isProcess: false,
    open: (program, { pluginLimits, ...options } = {}) =>
      inProcess({ versions: { 1: program.makeServed() }, limits: pluginLimits }, { name: "tested", ...options }),
  },
  ...linkKinds.map((kind) => overConnection(`attach() over ${kind.name}`, () => kind.make())),
  overConnection("attach() over Web Streams", async () => memoryDuplexes()),
  worker,
  ...runtimeNames.flatMap((runtime) => [launched(runtime, "unix"), launched(runtime, "stdio")]),
];
