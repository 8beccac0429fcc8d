import { ErrorCode, PluginError } from "../errors/mod.ts";
import { launch, type Plugin, type VersionMap } from "../host/mod.ts";
import { reworded } from "../runner/reworded.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Options } from "./_options.ts";
import { UsageError } from "./_usage_error.ts";

/** Protocol versions that are offered unless one is named: a plugin takes the highest of its own among them. */
const offeredVersions = 64;

/**
 * Starts the plugin of a command.
 * @throws UsageError where the command line is to blame. @throws PluginError what `launch` fails with.
 */
export async function start(path: string, options: Options, runtime: Runtime, signal: AbortSignal): Promise<Plugin> {
  const { cwd, protocol, cookieKey, cookieValue } = options;
  await checkDirectory(options, runtime);
  const versions =
    protocol === undefined ? Array.from({ length: offeredVersions }, (_, index) => index + 1) : [protocol];
  try {
    const launching = launch(path, {
      adapter: runtime,
      signal,
      cwd,
      runtime: options.runtime,
      transport: options.transport,
      args: options.args,
      env: options.env,
      log: options.log,
      startTimeoutMs: options.startTimeoutMs,
      handshake: { cookieKey, cookieValue },
      versions: Object.fromEntries(versions.map((version) => [version, {}])) as VersionMap,
    });
    return await asUsage(launching);
  } catch (error) {
    if (error === signal.reason) throw error;
    if (error instanceof PluginError && error.code === ErrorCode.noCommonVersion) throw otherVersion(error, protocol);
    if (error instanceof PluginError && error.code === ErrorCode.timeout) {
      throw reworded(error, error.message.replace("(startTimeoutMs)", "(--start-timeout)"));
    }
    throw error;
  }
}

/** @throws UsageError for a `--cwd` that is no directory. */
export async function checkDirectory({ cwd }: Options, runtime: Runtime): Promise<void> {
  if (cwd === undefined || (await runtime.stat(cwd))?.kind === "directory") return;
  throw new UsageError(`--cwd must be a directory, and ${JSON.stringify(cwd)} is none`);
}

/** What is said of arguments of a function, it says of the command line. */
export async function asUsage<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** The list of what was offered says nothing to who typed the command. */
function otherVersion(error: PluginError, protocol: number | undefined): PluginError {
  const spoken = error.pluginVersions?.join(", ") || "no version that this command knows";
  const wanted = protocol === undefined ? "name it with --protocol" : `not ${protocol}`;
  const text = `plugin ${error.plugin} speaks protocol version ${spoken}; ${wanted}`;
  return reworded(error, text);
}
