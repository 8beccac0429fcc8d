import { errorOrigin } from "../errors/mod.ts";
import { headOf, setStack } from "../thrown/mod.ts";

/** Errors that a call was rejected with, and that were made for it. */
const own = new WeakSet<object>();
/** Those whose stack tells who awaited. */
const sited = new WeakSet<object>();

/** A frame of whoever awaits. */
const awaiting = /^\s+at async /;

/**
 * Rejects a call with an error that was made for it, and has its stack end with who awaits the call.
 *
 * To keep a stack for each call would cost more than the call. So the runtime is asked once it has failed: V8 knows who awaits the
 * promise that the running job settles (Node and Deno). JavaScriptCore (Bun) knows it for async functions alone; there, and
 * where nobody awaits but by `then`, the stack ends with the line that names contract, method and plugin.
 *
 * @param resolve Resolves the promise of the call.
 */
export function rejectAtCallSite(resolve: (value: unknown) => void, error: unknown): void {
  if (error instanceof Error) own.add(error);
  let go!: () => void;
  const gate = new Promise<void>((open) => {
    go = open;
  });
  const failing = gate.then(() => {
    if (error instanceof Error) addCallSite(error);
    throw error;
  });
  resolve(failing);
  // The promise of the call follows `failing` after a microtask of its own; only then can it be seen who awaits it.
  queueMicrotask(go);
}

/** The same for an error that may have been made for a call or by somebody else, whose errors are left as they are. */
export function rejectAgain(resolve: (value: unknown) => void, reject: (error: unknown) => void, error: unknown): void {
  if (error instanceof Error && own.has(error)) rejectAtCallSite(resolve, error);
  else reject(error);
}

/** Has the runtime take up the frames at hand, as far as it can. */
function captureFrames(error: Error): void {
  const { captureStackTrace } = Error as { captureStackTrace?: (error: Error, above: unknown) => void };
  captureStackTrace?.(error, addCallSite);
  void error.stack;
}

function addCallSite(error: Error): void {
  const lines = new Error().stack?.split("\n").filter((line) => awaiting.test(line)) ?? [];
  if (lines.length === 0) return;
  // Where in Plugwire an error of this side was made is of no use to who called.
  const isFirst = !sited.has(error) && errorOrigin(error) === "local";
  sited.add(error);
  const stack = [isFirst ? headOf(error) : error.stack, ...lines].join("\n");
  // Deno shows the lines of an uncaught error's message twice, unless it has seen the frames themselves.
  if (error.message.includes("\n")) captureFrames(error);
  setStack(error, stack);
}
