import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { ContainerOptions } from "./container_options.ts";
import { reworded } from "./reworded.ts";
import type { RunSpec } from "./runner.ts";

/** Exit codes that docker and podman have in common. */
const engineFailed = 125;
const notInvocable = 126;
const notThere = 127;

const daemonDown = /cannot connect to|is the docker daemon running|connection refused|unable to connect to podman/i;
const notPermitted = /permission denied.*(docker|daemon|socket)|(docker|daemon|socket).*permission denied/i;
const noImage =
  /no such image|unable to find image|image not known|pull access denied|manifest unknown|does not exist in local storage/i;

/** Says in plain words why a container was not started. */
export function explainContainer(
  error: PluginError,
  engine: string,
  spec: RunSpec,
  options: ContainerOptions,
): PluginError {
  const told = (code: ErrorCode, text: string): PluginError => {
    const { exitCode, stderr, errno } = error;
    return new PluginError(code, `cannot launch plugin ${spec.name}: ${text}`, {
      exitCode,
      stderr,
      errno,
      cause: error,
    });
  };
  if (error.code === ErrorCode.notFound && error.exitCode === undefined) {
    return told(error.code, `there is no ${engine}; install it, or name another in engine (docker, podman, a path)`);
  }
  if (error.code !== ErrorCode.exited) return error;
  const { exitCode, stderr = "" } = error;
  const program = spec.command.argv[0] ?? "the image's own command";
  if (exitCode === notInvocable)
    return told(
      ErrorCode.notExecutable,
      `${program} in image ${options.image} cannot be executed; ${said(engine, stderr)}`,
    );
  if (exitCode === notThere)
    return told(ErrorCode.notFound, `there is no ${program} in image ${options.image}; ${said(engine, stderr)}`);
  if (exitCode !== engineFailed) return error;
  if (noImage.test(stderr)) {
    const way = `fetch it with "${engine} pull ${options.image}", or let the runner do so: pull: "missing"`;
    return told(ErrorCode.notFound, `there is no image ${options.image} here; ${way}; ${said(engine, stderr)}`);
  }
  if (notPermitted.test(stderr))
    return told(ErrorCode.startFailed, `this user may not use ${engine}; ${said(engine, stderr)}`);
  if (daemonDown.test(stderr))
    return told(ErrorCode.startFailed, `${engine} does not reach its daemon; is it running? ${said(engine, stderr)}`);
  return reworded(
    error,
    `cannot launch plugin ${spec.name}: ${engine} could not start the container; ${said(engine, stderr)}`,
  );
}

function said(engine: string, stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return lines.length === 0 ? `${engine} said nothing` : `${engine} said: ${lines.slice(0, 3).join(" ")}`;
}
