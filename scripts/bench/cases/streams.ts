import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { launch, type Plugin } from "../../../mod.ts";
import { type MuxStream, Session } from "../../../src/mux/mod.ts";
import { detectRuntime } from "../../../src/runtime/detect.ts";
import type { Link } from "../../../src/transport/link.ts";
import { ValueCodec } from "../../../src/values/mod.ts";
import { defaultLimits } from "../../../src/wire/mod.ts";
import { CpuMeter } from "../lib/cpu.ts";
import { pinCommand } from "../lib/pin.ts";
import type { CaseName, Effort, Result } from "../lib/result.ts";
import { currentRuntime, runtimeArguments } from "../lib/runtime_arguments.ts";
import { schedulerOf } from "../lib/scheduler.ts";
import { alternate, median } from "../lib/statistics.ts";
import { streams } from "../programs/streams.ts";
import { openStreams } from "./byte_stream.ts";

const chunkBytes = 65_536;
const mebibyte = 1_048_576;
/** Values of one round. */
const valueCount = 100_000;
const warmUps = 8;

interface Side {
  readonly pid: number;
  /** Sends so much from one side to the other. */
  send(amount: number): Promise<void>;
  close(): void;
}

/** Streams as values, beside the same over the mux alone. */
export async function measureStreams(wanted: ReadonlySet<CaseName>, effort: Effort): Promise<Result[]> {
  const program = fileURLToPath(new URL("../programs/stream_plugin.ts", import.meta.url));
  const command = [...pinCommand("last"), process.execPath, ...runtimeArguments(), program];
  await using plugin = await launch(command, { log: false });
  const results: Result[] = [];
  if (wanted.has("stream_values")) {
    const figures = await compare(effort.rounds, valueCount, await openValues(), valuesOf(plugin));
    results.push({ case: "stream_values", unit: "values/s", ...figures });
  }
  if (wanted.has("stream_bytes_argument")) {
    const { value, floor, ...rest } = await compare(
      effort.rounds,
      effort.streamBytes,
      await openStreams("loaded_stream_reader.ts"),
      bytesTo(plugin),
    );
    results.push({
      case: "stream_bytes_argument",
      unit: "MiB/s",
      value: value / mebibyte,
      floor: floor / mebibyte,
      ...rest,
    });
  }
  return results;
}

async function compare(
  rounds: number,
  amount: number,
  floor: Side,
  ours: Side,
): Promise<Pick<Result, "runtime" | "ratio" | "cpu"> & { readonly value: number; readonly floor: number }> {
  const meters = { floor: new CpuMeter([process.pid, floor.pid]), ours: new CpuMeter([process.pid, ours.pid]) };
  const units = amount === valueCount ? amount : amount / mebibyte;
  const run = (side: Side, meter: CpuMeter) => (): Promise<number> =>
    meter.during(units, async () => {
      const from = performance.now();
      await side.send(amount);
      return (amount * 1_000) / (performance.now() - from);
    });
  for (let round = 0; round < warmUps; round++) for (const side of [floor, ours]) await side.send(amount);
  const rates = await alternate(rounds, run(floor, meters.floor), run(ours, meters.ours));
  floor.close();
  ours.close();
  const [value, base] = [median(rates.ours), median(rates.floor)];
  const cpu = { ours: meters.ours.perUnit, floor: meters.floor.perUnit };
  return { runtime: currentRuntime, value, floor: base, ratio: value / base, cpu };
}

function valuesOf(plugin: Plugin): Side {
  const proxy = plugin.dispense(streams);
  return {
    pid: plugin.pid!,
    send: async (count) => {
      let got = 0;
      for await (const _ of await proxy.values(count)) got++;
      if (got !== count) throw new Error(`${got} of ${count} values came`);
    },
    close: () => {},
  };
}

function bytesTo(plugin: Plugin): Side {
  const proxy = plugin.dispense(streams);
  const chunk = new Uint8Array(chunkBytes).fill(7);
  return {
    pid: plugin.pid!,
    send: async (totalBytes) => {
      let left = totalBytes;
      const file = new ReadableStream<Uint8Array>({
        pull(controller) {
          left -= chunkBytes;
          if (left >= 0) controller.enqueue(chunk);
          else controller.close();
        },
      });
      const got = await proxy.length(file);
      if (got !== totalBytes) throw new Error(`${got} of ${totalBytes} bytes came`);
    },
    close: () => {},
  };
}

/** Messages of the same size over the mux, counted where they arrive. */
async function openValues(): Promise<Side> {
  const runtime = await detectRuntime();
  const path = `${tmpdir()}/values${process.pid}.sock`;
  const joined = Promise.withResolvers<Link>();
  const listener = await runtime.listen({ network: "unix", path }, joined.resolve);
  const program = fileURLToPath(new URL("../programs/value_sender.ts", import.meta.url));
  const [file = "", ...args] = [...pinCommand("last"), process.execPath, ...runtimeArguments(), program, path];
  const child = spawn(file, args, { stdio: "inherit" });
  const session = new Session(await joined.promise, {
    role: "host",
    limits: defaultLimits,
    scheduler: schedulerOf(runtime),
    handler: { opened: () => undefined, control: () => {}, goAway: () => {}, streamOver: () => {}, closed: () => {} },
  });
  session.start();
  session.admit(defaultLimits.maxStreams);
  const codec = new ValueCodec(defaultLimits);
  return {
    pid: child.pid!,
    send: (count) =>
      new Promise((resolve, reject) => {
        let got = 0;
        const stream: MuxStream = session.open({
          message(payload, last) {
            got++;
            stream.keep(payload.length);
            stream.consumed(payload.length);
            if (last) resolve();
          },
          bytes: () => {},
          ended: () => {},
          aborted: () => reject(new Error(`ended after ${got} values`)),
          tooLarge: () => {},
          stopped: () => false,
          drained: () => {},
          lost: reject,
        });
        stream.send(codec.encode(count), true);
      }),
    close: () => {
      session.close();
      void listener.close();
    },
  };
}
