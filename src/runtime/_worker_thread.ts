import { Readable } from "node:stream";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Link } from "../transport/link.ts";
import { linkFromPort } from "../transport/mod.ts";
import { Inlet } from "./_inlet.ts";
import {
  describeUncaught,
  type PluginWorkerData,
  terminatedCode,
  type WorkerOutput,
  workerDataKey,
  workerHint,
} from "./_worker_data.ts";
import type { ByteSource, ExitStatus, WorkerOptions, WorkerThread } from "./runtime.ts";

/** Bytes of output that wait for a reader before more is logged late. */
const outputBytes = 65_536;

/**
 * Starts a script in a thread of this process.
 *
 * @param sendsOutput Whether the thread has to send its output itself: on Deno it goes past what `node:worker_threads` gives.
 */
export async function startWorker(options: WorkerOptions, sendsOutput: boolean): Promise<WorkerThread> {
  const { script, args, env, name } = options;
  const stdio = new MessageChannel();
  const control = new MessageChannel();
  const data: PluginWorkerData = { stdio: stdio.port2, control: control.port2, sendsOutput };
  const worker = new Worker(script, {
    name,
    argv: [...args],
    env: { ...env, [workerHint]: "1" },
    stdout: true,
    stderr: true,
    workerData: { [workerDataKey]: data },
    transferList: [stdio.port2, control.port2],
  });
  return new RunningWorker(worker, stdio.port1, control.port1, { name, sendsOutput });
}

class RunningWorker implements WorkerThread {
  readonly id: number;
  readonly stdio: Link;
  readonly stdout: ByteSource;
  readonly stderr: ByteSource;
  readonly exited: Promise<ExitStatus>;
  readonly #worker: Worker;
  readonly #control: MessagePort;
  readonly #out: Readable;
  readonly #err: Readable;
  #isTerminated = false;
  #wasAskedToEnd = false;
  #hasEnded = false;

  constructor(
    worker: Worker,
    stdio: MessagePort,
    control: MessagePort,
    { name, sendsOutput }: { readonly name: string; readonly sendsOutput: boolean },
  ) {
    this.#worker = worker;
    this.#control = control;
    this.id = worker.threadId;
    this.stdio = linkFromPort(stdio as unknown as Parameters<typeof linkFromPort>[0], `worker ${name}`);
    this.#out = new Readable({ read: () => {}, highWaterMark: outputBytes });
    this.#err = new Readable({ read: () => {}, highWaterMark: outputBytes });
    this.stdout = new Inlet(this.#out);
    this.stderr = new Inlet(this.#err);
    if (sendsOutput) {
      control.on("message", ([to, bytes]: WorkerOutput) => this.#push(to === "stdout" ? this.#out : this.#err, bytes));
      control.unref();
    } else {
      worker.stdout.on("data", (bytes: Uint8Array) => this.#push(this.#out, bytes));
      worker.stderr.on("data", (bytes: Uint8Array) => this.#push(this.#err, bytes));
    }
    this.exited = this.#watch();
  }

  signal(name: string): void {
    if (this.#hasEnded) return;
    this.#wasAskedToEnd ||= name === "SIGTERM";
    this.#control.postMessage(name);
  }

  terminate(): void {
    if (this.#hasEnded) return;
    this.#isTerminated = true;
    void this.#worker.terminate();
  }

  release(): void {
    this.stdio.destroy();
    this.#control.close();
    this.stdout.destroy();
    this.stderr.destroy();
    this.#worker.unref();
  }

  #push(to: Readable, bytes: Uint8Array): void {
    if (!to.readableEnded && !to.destroyed && !this.#hasEnded) to.push(bytes);
  }

  async #watch(): Promise<ExitStatus> {
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    let failed = false;
    this.#worker.on("error", (thrown: unknown) => {
      failed = true;
      // A process would have had it printed by its runtime.
      this.#push(this.#err, new TextEncoder().encode(`${describeUncaught(thrown)}\n`));
    });
    this.#worker.once("exit", (code) => {
      // The last of its output may be on its way behind this.
      setImmediate(() => {
        this.#hasEnded = true;
        this.#out.push(null);
        this.#err.push(null);
        resolve(this.#statusOf(failed ? code || 1 : code));
      });
    });
    return await promise;
  }

  #statusOf(code: number): ExitStatus {
    if (this.#isTerminated) return { code: null, signal: "SIGKILL" };
    if (this.#wasAskedToEnd && code === terminatedCode) return { code: null, signal: "SIGTERM" };
    return { code, signal: null };
  }
}
