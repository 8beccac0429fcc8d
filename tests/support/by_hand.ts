import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import process from "node:process";
import { currentRuntime, runtimeExecutable } from "./runtimes.ts";

/** A program that somebody started by hand. */
export class ByHand implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  #text = "";
  #look: () => void = () => {};

  constructor([file = "", ...args]: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { NODE_TEST_CONTEXT: _, FORCE_COLOR: __, ...inherited } = process.env;
    const path = `${dirname(runtimeExecutable(currentRuntime))}:${inherited.PATH}`;
    this.child = spawn(file, args, { env: { ...inherited, PATH: path, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#text += chunk;
        this.#look();
      });
    }
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  /** All it has printed so far. */
  get text(): string {
    return this.#text;
  }

  /** Settles with what was printed as soon as it fits. */
  async says(pattern: RegExp, withinMs = 30_000): Promise<RegExpExecArray> {
    const found = Promise.withResolvers<RegExpExecArray>();
    this.#look = () => {
      const match = pattern.exec(this.#text);
      if (match !== null) found.resolve(match);
    };
    this.#look();
    const late = setTimeout(() => found.reject(new Error(`${pattern} was not said, but:\n${this.#text}`)), withinMs);
    void this.ended.then(() => found.reject(new Error(`it ended before ${pattern} was said:\n${this.#text}`)));
    try {
      return await found.promise;
    } finally {
      clearTimeout(late);
    }
  }

  /** The value of the variable in the line that it prints for hosts. */
  async reattach(): Promise<string> {
    return (await this.says(/^PLUGWIRE_REATTACH='(.*)'$/m))[1]!;
  }

  /** Ends it as Ctrl-C does. @returns Its exit code. */
  async interrupt(): Promise<number | null> {
    // On Deno a child that was killed through its handle is said to have ended by that signal, however it did.
    process.kill(this.child.pid!, "SIGINT");
    return await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** Runs something with a variable in the environment of this process. */
export async function withVariable(name: string, value: string, run: () => Promise<void>): Promise<void> {
  process.env[name] = value;
  try {
    await run();
  } finally {
    delete process.env[name];
  }
}
