import type { Runtime } from "../runtime/runtime.ts";

const found = new WeakMap<Runtime, Promise<string | undefined>>();

/**
 * The command that has the system kill the plugin when its host dies, where there is one: a plugin whose event loop is
 * blocked does not see the end of its stdin. util-linux' `setpriv` sets the signal and becomes the command.
 */
export async function withParentDeathSignal(argv: readonly string[], runtime: Runtime): Promise<readonly string[]> {
  if (runtime.os !== "linux") return argv;
  let setpriv = found.get(runtime);
  if (setpriv === undefined) {
    setpriv = runtime.findExecutable("setpriv");
    found.set(runtime, setpriv);
  }
  const path = await setpriv;
  return path === undefined ? argv : [path, "--pdeathsig", "KILL", "--", ...argv];
}
