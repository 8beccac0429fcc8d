import type { Runtime } from "../runtime/runtime.ts";
import { ExitCode } from "./exit_codes.ts";

/** Somebody ended the command from outside. */
export class Interruption extends Error {
  override readonly name: string = "Interruption";
  readonly exitCode: ExitCode;

  constructor(signal: string, exitCode: ExitCode) {
    super(`ended by ${signal}`);
    this.exitCode = exitCode;
  }
}

/** What {@linkcode watchSignals} gives. */
export interface SignalWatch extends Disposable {
  /** Aborted with an {@linkcode Interruption}. */
  readonly signal: AbortSignal;
}

/**
 * Lets Ctrl-C and SIGTERM stop the plugin in good order. A second one ends the command at once, and what is left of the
 * plugin with it.
 */
export function watchSignals(runtime: Runtime): SignalWatch {
  const controller = new AbortController();
  const watch = (name: string, exitCode: ExitCode): (() => void) =>
    runtime.onSignal(name, () => {
      if (controller.signal.aborted) runtime.exit(exitCode);
      controller.abort(new Interruption(name, exitCode));
    });
  const undo = [watch("SIGINT", ExitCode.interrupted), watch("SIGTERM", ExitCode.terminated)];
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const each of undo) each();
    },
  };
}
