import type { ChildProcess, Runtime, SpawnOptions } from "../runtime/runtime.ts";

/** Time for `stty`, in ms. In the background it would be stopped for setting the terminal, and wait. */
const sttyMs = 1_000;

/**
 * Remembers how the host's terminal is set: a plugin that is killed while it reads a password leaves it without echo.
 *
 * @returns Sets it as it was; `undefined` where stdin is no terminal, or there is no `stty` to ask. Neither ever rejects.
 */
export async function rememberTerminal(runtime: Runtime): Promise<(() => Promise<void>) | undefined> {
  const settings = await stty(["-g"], runtime);
  if (settings === undefined) return undefined;
  return async () => {
    // Only what is not as it was: the host may have no business with its terminal at the moment.
    if ((await stty(["-g"], runtime)) !== settings) await stty([settings], runtime);
  };
}

/** What `stty` prints; `undefined` when it failed. */
async function stty(args: readonly string[], runtime: Runtime): Promise<string | undefined> {
  const options: SpawnOptions = {
    command: ["stty", ...args],
    env: { PATH: runtime.env("PATH") ?? "" },
    stdin: "inherit",
    stdout: "pipe",
    stderr: "null",
    ownSession: false,
  };
  let child: ChildProcess;
  try {
    child = await runtime.spawn(options);
  } catch {
    // A terminal that stays as it was left is no reason not to start a plugin, or not to end one.
    return undefined;
  }
  const timer = runtime.setTimer(() => child.kill("SIGKILL"), sttyMs, { keepAlive: true });
  try {
    const [text, { code }] = await Promise.all([printed(child), child.exited]);
    return code === 0 ? text.trim() : undefined;
  } finally {
    timer.cancel();
    child.release();
  }
}

function printed({ stdio }: ChildProcess): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  return new Promise((resolve) => {
    stdio?.start({
      bytes: (chunk) => {
        text += decoder.decode(chunk, { stream: true });
      },
      end: () => resolve(text),
      drain: () => {},
      closed: () => resolve(text),
    });
  });
}
