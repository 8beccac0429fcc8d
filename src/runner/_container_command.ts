import type { Runtime } from "../runtime/runtime.ts";
import type { ContainerOptions } from "./container_options.ts";
import type { RunSpec } from "./runner.ts";

/** Where a container sees the directory of its plugin's socket. */
export const containerSocketDirectory = "/run/plugwire";

/** How a container is started. */
export interface ContainerCommand {
  readonly argv: readonly string[];
  /** The environment of the engine's command, which the named variables of the plugin are taken from. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Variables that the engine's own command goes by. If the user gives the plugin others than the host has, their values stand in the
 * argument list; those of all else, above all the secret, are passed by their name alone.
 */
const engineVariables =
  /^(PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|LANG|LC_.*|LD_.*|XDG_.*|SSH_.*|DOCKER_.*|CONTAINERS?_.*|PODMAN_.*|.*_proxy|GO.*)$/i;

/** Composes the engine's `run`. */
export function containerCommand(
  name: string,
  engine: string,
  { spec, options, runtime }: { readonly spec: RunSpec; readonly options: ContainerOptions; readonly runtime: Runtime },
): ContainerCommand {
  const { image, network = "none", pull = "never", args = [] } = options;
  const env: Record<string, string> = runtime.environment();
  const variables: string[] = [];
  for (const [key, value] of Object.entries(spec.ownEnv)) {
    if (engineVariables.test(key)) variables.push("--env", `${key}=${value}`);
    else {
      variables.push("--env", key);
      env[key] = value;
    }
  }
  const argv = [
    engine,
    "run",
    "--rm",
    "--interactive",
    "--init",
    `--name=${name}`,
    `--label=plugwire=${spec.name}`,
    `--network=${network}`,
    `--pull=${pull}`,
    ...mounts(spec, options),
    ...user(engine, options, runtime),
    ...(spec.cwd === undefined ? [] : [`--workdir=${spec.cwd}`]),
    ...limits(spec),
    ...variables,
    ...args,
    image,
    ...spec.command.argv,
  ];
  return { argv, env };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const notInMounts = /[,"\u0000-\u001f]/;
const without = "commas, quotation marks and control characters";

function mounts({ socketDirectory }: RunSpec, options: ContainerOptions): string[] {
  const all = [...(options.mounts ?? [])];
  if (socketDirectory !== undefined)
    all.push({ source: socketDirectory, target: containerSocketDirectory, writable: true });
  return all.map(({ source, target = source, writable = false }) => {
    for (const path of [source, target]) {
      // The engine reads a mount as a row of CSV, and no further than to the end of a line.
      if (!path.startsWith("/") || notInMounts.test(path))
        throw new TypeError(`a mount must have absolute paths without ${without}, not ${JSON.stringify(path)}`);
    }
    return `--mount=type=bind,source=${source},target=${target}${writable ? "" : ",readonly"}`;
  });
}

/** The host's own user, who made the directory of the socket and is to open that. */
function user(engine: string, { user }: ContainerOptions, runtime: Runtime): string[] {
  if (user === false) return [];
  if (user !== undefined) return [`--user=${user}`];
  const uid = runtime.uid();
  if (uid === undefined) return [];
  // Without it podman gives the numbers in a container to users that nobody else is.
  return /(^|\/)podman[^/]*$/.test(engine) ? ["--userns=keep-id", `--user=${uid}`] : [`--user=${uid}`];
}

function limits({ resources: { memoryBytes, openFiles, cpuSeconds } }: RunSpec): string[] {
  return [
    ...(memoryBytes === undefined ? [] : [`--memory=${memoryBytes}b`, `--memory-swap=${memoryBytes}b`]),
    ...(openFiles === undefined ? [] : [`--ulimit=nofile=${openFiles}:${openFiles}`]),
    ...(cpuSeconds === undefined ? [] : [`--ulimit=cpu=${cpuSeconds}:${cpuSeconds + 1}`]),
  ];
}
