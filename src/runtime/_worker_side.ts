import { Console } from "node:console";
import { Writable } from "node:stream";
import { type MessagePort, workerData } from "node:worker_threads";
import type { Link } from "../transport/link.ts";
import { linkFromPort } from "../transport/mod.ts";
import {
  describeUncaught,
  type PluginWorkerData,
  terminatedCode,
  type WorkerOutput,
  workerDataKey,
  workerHint,
} from "./_worker_data.ts";
import type { Runtime } from "./runtime.ts";

/**
 * The runtime as a plugin has it that is a thread of its host's process: what it says to its host goes through ports, and
 * what it has of the process is its own copy of it.
 *
 * @returns The runtime itself in any other thread.
 */
export function workerSide(runtime: Runtime): Runtime {
  const data = (workerData as { readonly [workerDataKey]?: PluginWorkerData } | null | undefined)?.[workerDataKey];
  if (data === undefined) return runtime;
  delete process.env[workerHint];
  const { control, stdio } = data;
  if (data.sendsOutput) {
    sendOutput(control);
    sendUncaught(control);
  }
  const signals = new Signals(control);
  let link: Link | undefined;
  const ownLink = (): Link => {
    link ??= linkFromPort(stdio as unknown as Parameters<typeof linkFromPort>[0], "worker");
    return link;
  };
  return {
    ...descriptorsOf(runtime),
    // Deno's own way to the environment is the process's.
    env: (name) => process.env[name],
    environment: () => ({ ...process.env }) as Record<string, string>,
    ownStdio: ownLink,
    onStdinEnd: () => () => {},
    writeStdout: (text) => void ownLink().write(new TextEncoder().encode(text)),
    writeStderr: (text) => void process.stderr.write(text),
    stdoutIsTerminal: () => false,
    stderrIsTerminal: () => false,
    // An error that nobody takes ends the thread everywhere.
    endOnUncaught: () => {},
    onSignal: (name, callback) => signals.on(name, callback),
  };
}

/** All of it, with getters as they are. */
function descriptorsOf(runtime: Runtime): Runtime {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(runtime)) as Runtime;
}

/** Signals as the host tells of them: those of the system are for the process, which is the host's. */
class Signals {
  readonly #callbacks: Map<string, Set<() => void>> = new Map();

  constructor(control: MessagePort) {
    control.on("message", (name: string) => this.#tell(name));
    control.unref();
  }

  on(name: string, callback: () => void): () => void {
    const own = (): void => callback();
    const all = this.#callbacks.get(name) ?? new Set();
    this.#callbacks.set(name, all.add(own));
    return () => all.delete(own);
  }

  #tell(name: string): void {
    const all = this.#callbacks.get(name);
    // What the system does by default.
    if (all === undefined || all.size === 0) process.exit(terminatedCode);
    for (const callback of [...all]) callback();
  }
}

/** Sends what the program prints through a port. */
function sendOutput(control: MessagePort): void {
  const writable = (to: WorkerOutput[0]): Writable =>
    new Writable({
      decodeStrings: true,
      write: (chunk: Uint8Array, _encoding, done) => {
        const output: WorkerOutput = [to, Uint8Array.from(chunk)];
        control.postMessage(output);
        done();
      },
    });
  const [stdout, stderr] = [writable("stdout"), writable("stderr")];
  process.stdout.write = stdout.write.bind(stdout);
  process.stderr.write = stderr.write.bind(stderr);
  const replacement = new Console({ stdout, stderr });
  for (const name of Object.keys(console) as (keyof Console)[]) {
    const method: unknown = replacement[name];
    if (typeof method === "function") Reflect.set(console, name, method.bind(replacement));
  }
}

/** Sends the error that ends the thread, which Deno prints as the host's own and tells the host without its stack. */
function sendUncaught(control: MessagePort): void {
  const end = (event: Event, thrown: unknown, own: string): void => {
    // Whoever listens decides.
    if (process.listenerCount(own) > 0) return;
    event.preventDefault();
    const output: WorkerOutput = ["stderr", new TextEncoder().encode(`${describeUncaught(thrown)}\n`)];
    control.postMessage(output);
    process.exit(1);
  };
  addEventListener("error", (event) => end(event, (event as ErrorEvent).error, "uncaughtException"));
  addEventListener("unhandledrejection", (event) =>
    end(event, (event as PromiseRejectionEvent).reason, "unhandledRejection"),
  );
}
