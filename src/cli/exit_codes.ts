/** How the command ends. These numbers are stable: scripts may rely on them. */
export const ExitCode = {
  /** It did what was asked. */
  ok: 0,
  /** The plugin was called, and its implementation threw. */
  threw: 1,
  /** The command line is wrong; no plugin was started. */
  usage: 2,
  /** Plugwire failed: the plugin could not be started, has no such method, refused the arguments, died, took too long. */
  failed: 3,
  /** The command itself failed in a way it should not. */
  internal: 70,
  /** Interrupted by Ctrl-C (SIGINT); the plugin was stopped. */
  interrupted: 130,
  /** Whoever read the output stopped reading. */
  outputClosed: 141,
  /** Ended by SIGTERM; the plugin was stopped. */
  terminated: 143,
} as const;

/** One of the numbers of {@linkcode ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
