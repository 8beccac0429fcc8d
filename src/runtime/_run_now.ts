import type { ChildProcess } from "node:child_process";

/**
 * Starts a process that outlives this one, without a wait: an `exit` handler has no other time.
 *
 * @returns Settles when it has ended, or could not be started.
 */
export function runNow([name = "", ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      const { spawn } = process.getBuiltinModule("node:child_process");
      child = spawn(name, args, { detached: true, stdio: "ignore", windowsHide: true });
    } catch {
      // It was to clean up, and whoever asked has no other way to do that.
      return resolve();
    }
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
    child.unref();
  });
}
