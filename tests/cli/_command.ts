import { type ChildProcess, spawn } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { currentRuntime, runtimeCommand, runtimeExecutable } from "../support/runtimes.ts";

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly bytes: Buffer;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** Settles once stderr has this in it. */
  stderrHas(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** The module that is the command: what npm starts, and what Deno is pointed at. */
const entry = currentRuntime === "deno" ? "mod.ts" : "bin.ts";

/** The real command on the runtime of this test. */
export const command: readonly string[] = runtimeCommand(
  currentRuntime,
  new URL(`../../src/cli/${entry}`, import.meta.url),
);

/** Path of a fixture. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/cli/${name}`, import.meta.url));
}

/** An environment in which all three runtimes are found, and nothing asks for colours. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  return { ...env, PATH: `${dirname(runtimeExecutable("node"))}${delimiter}${env.PATH ?? ""}`, ...more };
}

/** Starts any program, and collects what it prints. @param stdin Whether one can write to it. */
export function start(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin: "ignore" | "pipe" = "ignore",
): Running {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { stdio: [stdin, "pipe", "pipe"], env: environment(env) });
  const out: Buffer[] = [];
  let stderr = "";
  let check = (): void => {};
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk;
    check();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const bytes = Buffer.concat(out);
      resolve({ code, stdout: bytes.toString(), bytes, stderr });
    });
  });
  return {
    child,
    ended,
    stderrHas: (text) =>
      new Promise((resolve) => {
        check = () => {
          if (stderr.includes(text)) resolve();
        };
        check();
      }),
  };
}

/** Runs the command to its end. */
export function plugwire(...args: readonly string[]): Promise<Ended> {
  return start([...command, ...args]).ended;
}
