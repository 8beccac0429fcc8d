// The other side of the byte stream: reads each stream to its end, then ends its own half. Argument: PATH.
import { ByteStream, Session } from "../../../src/mux/mod.ts";
import { detectRuntime } from "../../../src/runtime/detect.ts";
import { defaultLimits } from "../../../src/wire/mod.ts";
import { schedulerOf } from "../lib/scheduler.ts";

const runtime = await detectRuntime();
const link = await runtime.connect({ network: "unix", path: process.argv[2] ?? "" });
const session = new Session(link, {
  role: "plugin",
  limits: defaultLimits,
  scheduler: schedulerOf(runtime),
  handler: {
    opened(opened) {
      const stream = new ByteStream(opened, { windowBytes: defaultLimits.windowBytes });
      void readAll(stream);
      return stream;
    },
    control: () => {},
    goAway: () => {},
    streamOver: () => {},
    closed: () => {},
  },
});
session.start();
session.admit(defaultLimits.maxStreams);

async function readAll(stream: ByteStream): Promise<void> {
  const reader = stream.readable.getReader();
  while (!(await reader.read()).done);
  await stream.writable.close();
}
