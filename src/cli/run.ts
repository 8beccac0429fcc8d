import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import { packageVersion } from "../hello/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { argumentValue } from "./_arguments.ts";
import { call, checkTarget } from "./_call.ts";
import { parseCommandLine, type Word } from "./_command_line.ts";
import { describe } from "./_describe.ts";
import { dev } from "./_dev.ts";
import { failureOf } from "./_failure.ts";
import { commandHelp, helpOf } from "./_help.ts";
import { watchSignals } from "./_interruption.ts";
import { type CommandName, commands, optionRules } from "./_option_rules.ts";
import { type Options, readOptions } from "./_options.ts";
import { printJson, printResult } from "./_output.ts";
import { asUsage, checkDirectory, start } from "./_start.ts";
import { UsageError } from "./_usage_error.ts";
import { visibleLines } from "./_visible_lines.ts";
import { ExitCode } from "./exit_codes.ts";

/** Time for a plugin to end by itself after a call that was given up, in ms. */
const givenUpGraceMs = 250;

/**
 * Runs one command line. Results go to stdout, everything else to stderr. It throws nothing.
 *
 * @param args The command line after the name of the program: `["describe", "./plugin.ts"]`.
 * @param runtime Where it runs, from `detectRuntime()` or a `createRuntime()`.
 * @returns The exit code.
 */
export async function run(args: readonly string[], runtime: Runtime): Promise<ExitCode> {
  try {
    await runCommand(args, runtime);
    return ExitCode.ok;
  } catch (error) {
    return await report(error, args, runtime);
  }
}

async function runCommand(args: readonly string[], runtime: Runtime): Promise<void> {
  const { words, options: given, wordsBefore } = parseCommandLine(args, optionRules);
  const [first, ...rest] = words;
  if (given.has("version")) return await runtime.print(`plugwire ${packageVersion}\n`);
  if (first?.text === "help") return await runtime.print(helpFor(rest[0]?.text));
  if (given.has("help")) return await runtime.print(helpFor(first?.text));
  const command = readCommand(first?.text);
  const options = readOptions(given, command);
  if (command === "describe") return await runDescribe(rest, options, runtime);
  if (command === "dev") return await runDev(rest, Math.max(0, wordsBefore - 1), { options, runtime });
  await runCall(rest, options, runtime);
}

function helpFor(name: string | undefined): string {
  return name === undefined ? commandHelp() : helpOf(readCommand(name));
}

function readCommand(name: string | undefined): CommandName {
  if (name === undefined) throw new UsageError(`a command is missing: ${commands.join(", ")}`);
  const found = commands.find((command) => command === name);
  if (found === undefined) throw new UsageError(`there is no command ${JSON.stringify(name)}${hint(name, commands)}`);
  return found;
}

async function runDescribe(words: readonly Word[], options: Options, runtime: Runtime): Promise<void> {
  const [plugin, tooMany] = words;
  if (plugin === undefined) throw new UsageError("describe needs the path of a plugin");
  if (tooMany !== undefined) {
    throw new UsageError(`describe takes one plugin, and ${JSON.stringify(tooMany.text)} is too many`);
  }
  using watch = watchSignals(runtime);
  await using started = await start(plugin.text, options, runtime, watch.signal);
  await describe(started, options, runtime);
}

async function runDev(
  words: readonly Word[],
  count: number,
  { options, runtime }: { readonly options: Options; readonly runtime: Runtime },
): Promise<void> {
  const [plugin, tooMany] = words.slice(0, count);
  if (plugin === undefined) throw new UsageError("dev needs the path of a plugin");
  if (tooMany !== undefined) {
    const text = `dev takes one plugin, and ${JSON.stringify(tooMany.text)} is too many`;
    throw new UsageError(`${text}; the command of a host stands after --`);
  }
  await checkDirectory(options, runtime);
  using watch = watchSignals(runtime);
  const host = words.slice(count).map(({ text }) => text);
  await asUsage(dev(plugin.text, host, { options, runtime, signal: watch.signal }));
}

async function runCall(words: readonly Word[], options: Options, runtime: Runtime): Promise<void> {
  const [plugin, target, ...rest] = words;
  if (plugin === undefined) throw new UsageError("call needs the path of a plugin, then CONTRACT.METHOD");
  if (target === undefined) throw new UsageError("call needs CONTRACT.METHOD after the plugin; describe shows them");
  checkTarget(target.text);
  const args = rest.map(argumentValue);
  using watch = watchSignals(runtime);
  const { signal } = watch;
  await using started = await start(plugin.text, options, runtime, signal);
  const { timeoutMs } = options;
  const stdin = (): AsyncIterable<Uint8Array> => runtime.ownStdin();
  try {
    const result = await call(started, { target: target.text, args, timeoutMs, signal, words: rest, stdin });
    await printResult(result, options, runtime);
  } catch (error) {
    // Who no longer waits for the call does not want to wait for its end either.
    if (signal.aborted || isTimeout(error)) await started.stop({ graceMs: givenUpGraceMs });
    throw error;
  }
}

async function report(error: unknown, args: readonly string[], runtime: Runtime): Promise<ExitCode> {
  if (isOutputClosed(error)) return ExitCode.outputClosed;
  const { exitCode, text, json } = failureOf(error, { debug: args.includes("--debug"), showsLog: showsLog(args) });
  runtime.writeStderr(`${visibleLines(text)}\n`);
  if (!args.includes("--json")) return exitCode;
  try {
    await printJson({ error: json }, runtime);
  } catch (failed) {
    // The reader of stdout is gone, and has the text on stderr.
    if (!isOutputClosed(failed)) throw failed;
  }
  return exitCode;
}

/** Lines of stderr are `info` unless they say otherwise. */
function showsLog(args: readonly string[]): boolean {
  try {
    const log = parseCommandLine(args, optionRules).options.get("log")?.at(-1) ?? "info";
    return log === "trace" || log === "debug" || log === "info";
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof PluginError && error.code === ErrorCode.timeout;
}

function isOutputClosed(error: unknown): boolean {
  return error instanceof PluginError && error.code === ErrorCode.transport && error.errno === "EPIPE";
}
