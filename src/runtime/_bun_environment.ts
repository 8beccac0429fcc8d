/** A function of Bun's own that starts a process, given the command and options, or options with the command in them. */
type Spawn = (first: unknown, second?: unknown, ...rest: readonly unknown[]) => unknown;

/** The parts of Bun that start processes. */
export interface BunSpawning {
  spawn: Spawn;
  spawnSync: Spawn;
}

let isDone = false;

/**
 * Has `Bun.spawn` and `Bun.spawnSync` pass on `process.env` as it is. Left alone they pass on the environment that the
 * process began with, variables that were deleted since among it (oven-sh/bun#34972).
 */
export function passOnLiveEnvironment(bun: BunSpawning): void {
  if (isDone) return;
  isDone = true;
  bun.spawn = withEnvironment(bun.spawn);
  bun.spawnSync = withEnvironment(bun.spawnSync);
}

function withEnvironment(spawn: Spawn): Spawn {
  return (first, second, ...rest) => {
    if (Array.isArray(first)) return spawn(first, filled(second), ...rest);
    return spawn(filled(first), second, ...rest);
  };
}

/** What is no options object is for Bun to refuse. */
function filled(options: unknown): unknown {
  if (options === undefined) return { env: process.env };
  if (typeof options !== "object" || options === null) return options;
  if ((options as { readonly env?: unknown }).env !== undefined) return options;
  return { ...options, env: process.env };
}
