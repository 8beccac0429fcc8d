import type { MessagePort } from "node:worker_threads";

/** What the thread of a plugin finds in its `workerData`, under {@linkcode workerDataKey}. */
export interface PluginWorkerData {
  /** Takes the place of stdin and stdout. */
  readonly stdio: MessagePort;
  /** Signals from the host; output to it, where the runtime does not bring that by itself. */
  readonly control: MessagePort;
  /** Whether output has to take that way. */
  readonly sendsOutput: boolean;
}

/** The name of it there. */
export const workerDataKey = "plugwire";

/** A hint in the environment of such a thread: it is cheaper to look at than `workerData`, which loads a module. */
export const workerHint = "PLUGWIRE_WORKER";

/** A piece of output, as it crosses. */
export type WorkerOutput = readonly [to: "stdout" | "stderr", bytes: Uint8Array];

/** Exit code of a thread that was asked to end and did not listen. */
export const terminatedCode = 143;

/** What a thread ended of, as its runtime would print it for a process. */
export function describeUncaught(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return `Uncaught ${String(thrown)}`;
  const { name = "Error", message = "", stack } = thrown as { name?: string; message?: string; stack?: string };
  return stack === undefined || !stack.includes(message) ? `Uncaught ${name}: ${message}` : `Uncaught ${stack}`;
}
