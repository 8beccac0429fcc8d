import {
  type CommandOptions,
  type Cookie,
  composeCommand,
  cookieFrom,
  debugVariables,
  handshakeVariables,
  hostEnvironment,
  inspectFrom,
  type Lifeline,
  listenVariables,
  secretBytes,
  socketFileName,
} from "../handshake/mod.ts";
import { packageVersion } from "../hello/mod.ts";
import { OutputFiles } from "../output/mod.ts";
import { type Entry, processRunner, type Runner, type RunSpec } from "../runner/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { fullLimits } from "../wire/mod.ts";
import { launchPrefix, sweepOnce } from "./_sweep.ts";
import { defaultLingerMs, type LaunchOptions, versionsFrom } from "./options.ts";

/** All that is decided before a plugin is started. */
export interface StartPlan {
  readonly runner: Runner;
  readonly spec: RunSpec;
  readonly secret: Uint8Array;
  /** Where the output of one that is to outlive its host goes; `undefined` for others. */
  readonly files: OutputFiles | undefined;
}

/** Decides how a plugin is started, and makes the directory of its socket. */
export async function planStart(entry: Entry, options: LaunchOptions, runtime: Runtime): Promise<StartPlan> {
  const cookie = cookieFrom(options.handshake);
  const { runner = processRunner(), cwd } = options;
  const transport = transportOf(options, runner);
  const lingerMs = lingerFrom(options.reattach);
  const stdin = lingerMs === undefined ? (options.stdin ?? "pipe") : "null";
  const versions = versionsFrom(options);
  fullLimits(options.limits);
  if (transport === "unix") sweepOnce(runtime);
  const secret = crypto.getRandomValues(new Uint8Array(secretBytes));
  const directory = transport === "unix" ? await runtime.makePrivateDirectory(launchPrefix(runtime)) : undefined;
  try {
    const socketPath = directory === undefined ? undefined : `${directory}/${socketFileName}`;
    if (socketPath !== undefined) runtime.checkAddress({ network: "unix", path: socketPath });
    const compose = runner.compose ?? composeCommand;
    const command = await compose(entry, commandOptions(options, { socketPath, cookie }, runtime));
    const files =
      lingerMs === undefined
        ? undefined
        : await OutputFiles.create(runtime, { parent: directory as string, maxBytes: maxOutputFrom(options.reattach) });
    const told = hostEnvironment({
      cookie,
      versions,
      transport,
      secret,
      socketDirectory: directory === undefined ? undefined : directoryForPlugin(directory, runner),
      lifeline: lifelineOf(options, transport),
      lingerMs,
      outputDirectory: files?.directory,
      packageVersion,
    });
    const ownEnv = { ...options.env, ...command.env, ...told };
    const spec: RunSpec = {
      name: options.name ?? command.name,
      command,
      cwd,
      env: { ...inherited(options, runtime, cookie), ...ownEnv },
      ownEnv,
      socketDirectory: directory,
      transport,
      stdin,
      stdout: files === undefined ? "pipe" : { file: files.stdoutPath },
      stderr: files === undefined ? "pipe" : { file: files.stderrPath },
      diesWithHost: lingerMs === undefined,
      resources: options.resources ?? {},
    };
    return { runner, spec, secret, files };
  } catch (error) {
    // What made the start fail matters more, and a later host sweeps.
    if (directory !== undefined) await runtime.remove(directory).catch(() => {});
    throw error;
  }
}

/** How long a plugin that is to outlive its host goes on without one, in ms; `undefined` for one that is not. */
function lingerFrom(reattach: LaunchOptions["reattach"]): number | undefined {
  if (reattach === undefined || reattach === false) return undefined;
  return reattach === true ? defaultLingerMs : (reattach.lingerMs ?? defaultLingerMs);
}

function maxOutputFrom(reattach: LaunchOptions["reattach"]): number | undefined {
  return typeof reattach === "object" ? reattach.maxOutputBytes : undefined;
}

function lifelineOf({ reattach, stdin }: LaunchOptions, transport: "unix" | "stdio"): Lifeline {
  if (lingerFrom(reattach) !== undefined) return "none";
  return transport === "stdio" || stdin === "inherit" ? "session" : "stdin";
}

function transportOf({ transport, reattach }: LaunchOptions, runner: Runner): "unix" | "stdio" {
  const only = runner.transport;
  if (only === "stdio" && lingerFrom(reattach) !== undefined)
    throw new TypeError(`what runner ${runner.name} starts ends with its host: leave reattach out`);
  if (only === undefined || transport === undefined || transport === only) return only ?? transport ?? "unix";
  throw new TypeError(`transport must be "${only}" for runner ${runner.name}, or be left out`);
}

function commandOptions(
  options: LaunchOptions,
  { socketPath, cookie }: { readonly socketPath: string | undefined; readonly cookie: Cookie },
  runtime: Runtime,
): CommandOptions {
  return {
    runtime: options.runtime,
    args: options.args,
    permissions: options.permissions,
    inspect: inspectFrom(options.inspect),
    transport: socketPath === undefined ? "stdio" : "unix",
    socketPath,
    cookieKey: cookie.key,
    hostRuntime: runtime.name,
    hostExecPath: runtime.execPath,
    hostCompiled: runtime.compiled,
    hostElectron: runtime.electronExecPath,
    os: runtime.os,
    directory: runtime.cwd(),
    searchPath: options.env?.PATH,
    find: (name, searchPath) => runtime.findExecutable(name, searchPath),
    stat: (path) => runtime.stat(path),
  };
}

/** What the plugin calls the directory that the host made for its socket. */
function directoryForPlugin(directory: string, runner: Runner): string {
  const address = runner.hostToPlugin?.({ network: "unix", path: `${directory}/${socketFileName}` });
  return address?.network === "unix" ? address.path.slice(0, -`/${socketFileName}`.length) : directory;
}

/** The host may itself be a plugin: what its own host told it is not for its plugins. */
function inherited({ inheritEnv = true }: LaunchOptions, runtime: Runtime, cookie: Cookie): Record<string, string> {
  if (!inheritEnv) return {};
  const env = runtime.environment();
  for (const name of [cookie.key, ...handshakeVariables, ...debugVariables, ...listenVariables]) delete env[name];
  return env;
}
