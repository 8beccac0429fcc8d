import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { ComposedCommand } from "../handshake/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Resources } from "./resources.ts";

const mebibyte = 2 ** 20;
/** Part of the memory that the JavaScript heap may take: collection begins in time, and buffers have room. */
const heapPart = 0.75;

/** A command and what its environment has in addition. */
export interface LimitedCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Has the runtime that runs a plugin keep its own heap within its memory, so that it collects before it is over. A program
 * whose runtime is not known stays as it is.
 */
export function withHeapLimit({ argv, runtime }: ComposedCommand, { memoryBytes }: Resources): LimitedCommand {
  if (memoryBytes === undefined || runtime === undefined) return { argv, env: {} };
  // Reported to JavaScriptCore as all the memory there is: its collector works harder near the end of it.
  if (runtime === "bun") return { argv, env: { BUN_JSC_forceRAMSize: String(Math.floor(memoryBytes)) } };
  const heap = `--max-old-space-size=${Math.max(1, Math.floor((memoryBytes * heapPart) / mebibyte))}`;
  const [program = "", ...rest] = argv;
  if (runtime === "node") return { argv: [program, heap, ...rest], env: {} };
  const [command = "run", ...flags] = rest;
  return { argv: [program, command, `--v8-flags=${heap}`, ...flags], env: {} };
}

/**
 * The command with the limits that the system keeps: util-linux' `prlimit` sets them and becomes the command, or else a
 * shell does.
 *
 * @throws PluginError `start_failed` where the system has no such limits.
 */
export async function withSystemLimits(
  argv: readonly string[],
  { openFiles, cpuSeconds }: Resources,
  runtime: Runtime,
): Promise<readonly string[]> {
  if (openFiles === undefined && cpuSeconds === undefined) return argv;
  if (runtime.os === "windows") {
    const which = openFiles === undefined ? "cpuSeconds" : "openFiles";
    throw new PluginError(
      ErrorCode.startFailed,
      `cannot limit resources.${which}: Windows has no such limit; leave it out, or run the plugin in a container`,
      { execution: "none" },
    );
  }
  // SIGXCPU at the limit says what happened; whoever ignores it is killed a second later.
  const prlimit = await runtime.findExecutable("prlimit");
  if (prlimit !== undefined) {
    return [
      prlimit,
      ...(openFiles === undefined ? [] : [`--nofile=${openFiles}:${openFiles}`]),
      ...(cpuSeconds === undefined ? [] : [`--cpu=${cpuSeconds}:${cpuSeconds + 1}`]),
      "--",
      ...argv,
    ];
  }
  const limits = [
    ...(openFiles === undefined ? [] : [`ulimit -n ${openFiles}`]),
    ...(cpuSeconds === undefined ? [] : [`ulimit -S -t ${cpuSeconds}`, `ulimit -H -t ${cpuSeconds + 1}`]),
  ];
  return ["/bin/sh", "-c", `${limits.join(" && ")} && exec "$@"`, "sh", ...argv];
}

/** What the program that was to set the limits says when it may not. */
export function refusedLimit(error: PluginError, { openFiles, cpuSeconds }: Resources): PluginError | undefined {
  const { code, stderr = "" } = error;
  if (code !== ErrorCode.exited || (openFiles === undefined && cpuSeconds === undefined)) return undefined;
  const refused = /^(?:prlimit: failed to set the (NOFILE|CPU) resource limit|sh: .*(?:ulimit|limit)): (.*)$/m.exec(
    stderr,
  );
  if (refused === null) return undefined;
  const [, which, why] = refused;
  const isFiles = which === "NOFILE" || cpuSeconds === undefined;
  const what = isFiles ? `openFiles to ${openFiles}` : `cpuSeconds to ${cpuSeconds}`;
  const text = `cannot limit resources.${what}: ${why}; the limit of the host itself cannot be passed`;
  return new PluginError(ErrorCode.startFailed, text, { execution: "none", stderr });
}
