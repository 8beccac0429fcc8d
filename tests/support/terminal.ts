/** Programs on a terminal of their own, for tests of what a terminal does. Needs python3, whose standard library has them. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const helper = fileURLToPath(new URL("./terminal.py", import.meta.url));

/** Why there is no terminal to test with; `false` when there is one. */
export const noPty: string | false =
  spawnSync("python3", ["-c", "import pty, termios"]).status === 0 ? false : "needs python3 with its pty module";

/** A program on a terminal of 33 rows and 111 columns. */
export class Terminal {
  /** All that was shown. */
  shown = "";
  /** How the program ended; settles once the terminal is closed, too. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly #child: ChildProcess;
  readonly #waiting: Set<() => void> = new Set();
  #over = false;

  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn("python3", [helper, "33", "111", ...command], { env: { ...process.env, ...env } });
    this.#child = child;
    let status = "";
    child.stderr.on("data", (chunk) => {
      status += chunk;
    });
    child.stdout.on("data", (chunk) => {
      this.shown += chunk;
      this.#look();
    });
    child.stdin.on("error", () => {});
    this.ended = new Promise((resolve, reject) => {
      child.on("close", () => {
        this.#over = true;
        this.#look();
        try {
          resolve(JSON.parse(status));
        } catch {
          reject(new Error(`the terminal's helper failed: ${status}`));
        }
      });
    });
    this.ended.catch(() => {});
  }

  /** Types this. */
  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Closes the terminal, as a window is closed: its programs get SIGHUP. */
  hangUp(): void {
    this.#child.stdin!.end();
  }

  /** Waits until something was shown that fits; gives the match. */
  async see(pattern: RegExp, withinMs = 30_000): Promise<RegExpExecArray> {
    const found = Promise.withResolvers<RegExpExecArray>();
    const look = (): void => {
      const match = pattern.exec(this.shown);
      if (match !== null) found.resolve(match);
      else if (this.#over) found.reject(new Error(`never shown: ${pattern}; but ${JSON.stringify(this.shown)}`));
    };
    const late = (): void => found.reject(new Error(`not shown: ${pattern}; but ${JSON.stringify(this.shown)}`));
    const timer = setTimeout(late, withinMs);
    this.#waiting.add(look);
    look();
    try {
      return await found.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
