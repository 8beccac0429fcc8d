import {
  type ComposedCommand,
  type Cookie,
  composeCommand,
  cookieFrom,
  handshakeVariables,
  hostEnvironment,
  secretBytes,
  socketFileName,
} from "../handshake/mod.ts";
import { packageVersion } from "../hello/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { fullLimits } from "../wire/mod.ts";
import { launchPrefix, sweepOnce } from "./_sweep.ts";
import { type LaunchOptions, versionsFrom } from "./options.ts";

/** All that is decided before a plugin's process is started. */
export interface StartPlan {
  readonly command: ComposedCommand;
  /** The file that is run, where Plugwire did not choose a runtime for it; `undefined` too when there is none. */
  readonly program: string | undefined;
  readonly name: string;
  readonly transport: "unix" | "stdio";
  readonly secret: Uint8Array;
  /** Directory of the plugin's socket, made for it alone; `undefined` without one. */
  readonly directory: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Decides how a plugin is started, and makes the directory of its socket. */
export async function planStart(
  entry: URL | string | readonly string[],
  options: LaunchOptions,
  runtime: Runtime,
): Promise<StartPlan> {
  const cookie = cookieFrom(options.handshake);
  const transport = options.transport ?? "unix";
  const versions = versionsFrom(options);
  fullLimits(options.limits);
  if (transport === "unix") sweepOnce(runtime);
  const secret = crypto.getRandomValues(new Uint8Array(secretBytes));
  const directory = transport === "unix" ? await runtime.makePrivateDirectory(launchPrefix(runtime)) : undefined;
  try {
    if (directory !== undefined) runtime.checkAddress({ network: "unix", path: `${directory}/${socketFileName}` });
    const command = await composeCommand(entry, {
      runtime: options.runtime,
      args: options.args,
      permissions: options.permissions,
      transport,
      socketPath: directory === undefined ? undefined : `${directory}/${socketFileName}`,
      cookieKey: cookie.key,
      hostRuntime: runtime.name,
      hostExecPath: runtime.execPath,
      hostCompiled: runtime.compiled,
      os: runtime.os,
      directory: runtime.cwd(),
      find: (name) => runtime.findExecutable(name),
      stat: (path) => runtime.stat(path),
    });
    const told = hostEnvironment({
      cookie,
      versions,
      transport,
      secret,
      socketDirectory: directory,
      lifeline: transport === "stdio" ? "session" : "stdin",
      packageVersion,
    });
    const env = { ...inherited(options, runtime, cookie), ...options.env, ...told };
    const program = await programOf(command, env.PATH, options.cwd, runtime);
    return { command, program, name: options.name ?? command.name, transport, secret, directory, env };
  } catch (error) {
    // What made the start fail matters more, and a later host sweeps.
    if (directory !== undefined) await runtime.remove(directory).catch(() => {});
    throw error;
  }
}

async function programOf(
  { argv, file, runtime: chosen }: ComposedCommand,
  searchPath: string | undefined,
  cwd: string | undefined,
  runtime: Runtime,
): Promise<string | undefined> {
  if (chosen !== undefined) return undefined;
  if (file !== undefined) return file;
  const name = argv[0]!;
  if (!name.includes("/")) return await runtime.findExecutable(name, searchPath);
  return name.startsWith("/") || cwd === undefined ? name : `${cwd}/${name}`;
}

/** The host may itself be a plugin: what its own host told it is not for its plugins. */
function inherited({ inheritEnv = true }: LaunchOptions, runtime: Runtime, cookie: Cookie): Record<string, string> {
  if (!inheritEnv) return {};
  const env = runtime.environment();
  for (const name of [cookie.key, ...handshakeVariables]) delete env[name];
  return env;
}
