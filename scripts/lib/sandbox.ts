import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findProcesses, type ProcessMark } from "./leftovers.ts";
import { binary, root } from "./repository.ts";

/** How a sandboxed command ended, and what it left behind. */
export interface SandboxResult {
  readonly code: number | null;
  readonly signal: string | null;
  /** True when it was killed because its time was up. */
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** stdout, and stderr in the order written unless they were kept apart. */
  readonly output: string;
  /** stderr, when kept apart; else empty. */
  readonly errorOutput: string;
  /** One line for each process or file that outlived the command. */
  readonly leftovers: readonly string[];
}

/** Options of {@linkcode Sandbox.run}. */
export interface SandboxRunOptions {
  /** Killed after this long. */
  readonly timeoutMs: number;
  /** Collects stderr apart from stdout. Default false. */
  readonly separateErrors?: boolean;
  /** Runs after the end of the command, while its files still exist. */
  readonly collect?: (directory: string) => void;
}

/** How long processes that are about to end, and files about to be removed, may take before they count as left behind. */
const settleMs = 2_000;

/**
 * Runs commands, each with a session, a temporary directory and a marked environment of its own, and tells what they
 * left behind. Whatever that is, it is gone when {@linkcode Sandbox.run} returns.
 */
export class Sandbox {
  // Short, because the paths of sockets below it are bounded at about a hundred bytes.
  readonly #directory = mkdtempSync(join(tmpdir(), "pw-"));
  readonly #id = `${process.pid}-${Date.now().toString(36)}`;
  readonly #live = new Map<ChildProcess, ProcessMark>();
  #count = 0;

  /** Runs a command to its end. It is composed with the path of a directory where it may write reports. */
  async run(command: (reports: string) => readonly string[], options: SandboxRunOptions): Promise<SandboxResult> {
    const number = ++this.#count;
    const base = join(this.#directory, String(number));
    const reports = `${base}.reports`;
    mkdirSync(base, { mode: 0o700 });
    mkdirSync(reports);
    const variable = `PLUGWIRE_TEST_RUN=${this.#id}.${number}`;
    const out = openSync(join(reports, "stdout"), "w");
    const err = options.separateErrors ? openSync(join(reports, "stderr"), "w") : out;
    const [file = "", ...rest] = command(reports);
    const startedMs = performance.now();
    // Output goes to files, so that a grandchild that holds on to it cannot keep us waiting.
    const child = spawn(file, rest, {
      cwd: root,
      env: environment(base, variable, join(this.#directory, "compiled")),
      stdio: ["ignore", out, err],
      detached: true,
    });
    const mark = { variable, session: child.pid };
    this.#live.set(child, mark);
    const end = await ended(child, options.timeoutMs, () => killAll(mark, child));
    const durationMs = performance.now() - startedMs;
    closeSync(out);
    if (err !== out) closeSync(err);
    const leftovers = end.timedOut ? [] : await findLeftovers(mark, base);
    await killAll(mark);
    this.#live.delete(child);
    options.collect?.(reports);
    const result = {
      ...end,
      durationMs,
      output: end.error + readFileSync(join(reports, "stdout"), "utf8"),
      errorOutput: options.separateErrors ? readFileSync(join(reports, "stderr"), "utf8") : "",
      leftovers,
    };
    rmSync(base, { recursive: true, force: true });
    rmSync(reports, { recursive: true, force: true });
    return result;
  }

  /** Ends whatever still runs and removes the directory. */
  async close(): Promise<void> {
    for (const [child, mark] of this.#live) await killAll(mark, child);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function environment(temporary: string, variable: string, compiled: string): NodeJS.ProcessEnv {
  const [name = "", value] = variable.split("=");
  const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: temporary, [name]: value };
  env.PATH = `${dirname(binary("node"))}${delimiter}${process.env.PATH ?? ""}`;
  // Tests start hundreds of programs, each of the same modules: 0.12 s in place of 0.31 of Node's.
  env.NODE_COMPILE_CACHE = compiled;
  // Set by a node:test that runs us; it would change the reports of ours. Colours would too.
  for (const unwanted of ["NODE_TEST_CONTEXT", "FORCE_COLOR", "CLICOLOR_FORCE"]) delete env[unwanted];
  return env;
}

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly error: string;
}

function ended(child: ChildProcess, timeoutMs: number, kill: () => Promise<void>): Promise<End> {
  return new Promise((resolve) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      void kill();
    }, timeoutMs);
    const settle = (code: number | null, signal: string | null, error: string): void => {
      clearTimeout(timer);
      resolve({ code, signal, timedOut, error });
    };
    child.on("error", (error) => settle(1, null, `${error.message}\n`));
    child.on("exit", (code, signal) => settle(code, signal, ""));
  });
}

async function findLeftovers(mark: ProcessMark, directory: string): Promise<string[]> {
  const deadlineMs = performance.now() + settleMs;
  for (;;) {
    const processes = findProcesses(mark).map(({ pid, command }) => `process ${pid}: ${command}`);
    const files = listFiles(directory).map((path) => `file ${path} in the temporary directory`);
    const leftovers = [...processes, ...files];
    if (leftovers.length === 0 || performance.now() >= deadlineMs) return leftovers;
    await delay(20);
  }
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
}

async function killAll(mark: ProcessMark, child?: ChildProcess): Promise<void> {
  // While the first process lives, its number cannot be anyone else's, and so its group's cannot either.
  if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) kill(-child.pid);
  // More than once, for what was forked between the look and the kill.
  for (let round = 0; round < 50; round++) {
    const left = findProcesses(mark);
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid);
    await delay(10);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended by itself meanwhile.
  }
}
