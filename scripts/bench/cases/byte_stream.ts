import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { ByteStream, Session } from "../../../src/mux/mod.ts";
import { detectRuntime } from "../../../src/runtime/detect.ts";
import type { Link } from "../../../src/transport/link.ts";
import { defaultLimits } from "../../../src/wire/mod.ts";
import { CpuMeter } from "../lib/cpu.ts";
import { pinCommand } from "../lib/pin.ts";
import type { Effort, Result } from "../lib/result.ts";
import { currentRuntime, runtimeArguments } from "../lib/runtime_arguments.ts";
import { schedulerOf } from "../lib/scheduler.ts";
import { median } from "../lib/statistics.ts";

/** Bytes a program writes at a time to our stream; the raw socket is tried with both sizes, and the faster one counts. */
const chunkBytes = 65_536;
const rawChunkBytes = [32_768, 65_536] as const;
const mebibyte = 1_048_576;

interface Sender {
  readonly pid: number;
  /** Sends so many bytes and waits until they were read on the other side. */
  send(totalBytes: number): Promise<void>;
  close(): void;
}

/**
 * Bytes through a stream of the mux, Web Streams at both ends, and through a bare socket: `node:net` in both, which
 * is what the library uses on all three runtimes.
 */
export async function measureByteStream(effort: Effort): Promise<Result[]> {
  const total = effort.streamBytes;
  const raw = await Promise.all(rawChunkBytes.map((size) => openRaw(size, total)));
  const ours = await openStreams();
  const senders = [...raw, ours];
  const meters = senders.map(({ pid }) => new CpuMeter([process.pid, pid]));
  const rates: number[][] = senders.map(() => []);
  const warmUps = 12;
  for (let round = -warmUps; round < effort.rounds; round++) {
    for (let turn = 0; turn < senders.length; turn++) {
      // Who goes first changes.
      const index = (turn + round + warmUps) % senders.length;
      const from = performance.now();
      const send = (): Promise<void> => senders[index]!.send(total);
      if (round < 0) await send();
      else await meters[index]!.during(total / mebibyte, send);
      if (round >= 0) rates[index]!.push((total / mebibyte) * (1_000 / (performance.now() - from)));
    }
  }
  for (const sender of senders) sender.close();
  const medians = rates.map(median);
  const best = medians[0]! > medians[1]! ? 0 : 1;
  const value = medians[2]!;
  const floor = medians[best]!;
  const cpu = { ours: meters[2]!.perUnit, floor: meters[best]!.perUnit };
  return [{ case: "byte_stream", runtime: currentRuntime, value, unit: "MiB/s", floor, ratio: value / floor, cpu }];
}

async function openRaw(size: number, roundBytes: number): Promise<Sender> {
  const path = `${tmpdir()}/raw${process.pid}-${size}.sock`;
  const { socket, server, child } = await new Promise<{
    socket: net.Socket;
    server: net.Server;
    child: ChildProcess;
  }>((resolve) => {
    let child: ChildProcess;
    const server = net.createServer({ highWaterMark: chunkBytes }, (socket) => resolve({ socket, server, child }));
    server.listen(path, () => {
      child = start("raw_reader.ts", path, String(roundBytes));
    });
  });
  let answered = (): void => {};
  socket.on("data", () => answered());
  const chunk = new Uint8Array(size).fill(7);
  return {
    pid: child.pid!,
    send: (totalBytes) =>
      new Promise((resolve) => {
        answered = resolve;
        let left = totalBytes;
        const write = (): void => {
          while (left > 0) {
            left -= size;
            if (!socket.write(chunk)) {
              socket.once("drain", write);
              return;
            }
          }
        };
        write();
      }),
    close: () => {
      socket.destroy();
      server.close();
      rmSync(path, { force: true });
    },
  };
}

/** A byte stream of the mux, written here and read by another process. @param program What reads it. */
export async function openStreams(program = "stream_reader.ts"): Promise<Sender> {
  const runtime = await detectRuntime();
  const path = `${tmpdir()}/stream${process.pid}.sock`;
  const joined = Promise.withResolvers<Link>();
  const listener = await runtime.listen({ network: "unix", path }, joined.resolve);
  const child = start(program, path);
  const session = new Session(await joined.promise, {
    role: "host",
    limits: defaultLimits,
    scheduler: schedulerOf(runtime),
    handler: { opened: () => undefined, control: () => {}, goAway: () => {}, streamOver: () => {}, closed: () => {} },
  });
  session.start();
  session.admit(defaultLimits.maxStreams);
  const chunk = new Uint8Array(chunkBytes).fill(7);
  return {
    pid: child.pid!,
    send: async (totalBytes) => {
      const stream = new ByteStream((handler) => session.open(handler), { windowBytes: defaultLimits.windowBytes });
      const writer = stream.writable.getWriter();
      for (let left = totalBytes; left > 0; left -= chunkBytes) {
        await writer.ready;
        writer.write(chunk).catch(() => {});
      }
      await writer.close();
      // The other side ends its half once it has read ours to its end.
      await stream.readable.getReader().read();
    },
    close: () => {
      session.close();
      void listener.close();
    },
  };
}

function start(program: string, ...args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  // This side runs on the first CPU: where the system moves the two together and apart, figures jump to half and back.
  const [file = "", ...rest] = [...pinCommand("last"), process.execPath, ...runtimeArguments(), path, ...args];
  return spawn(file, rest, { stdio: "inherit" });
}
