// The mux alone, for streams of values: on each stream sends as many messages as its first message says. Argument: PATH.
import { type MuxStream, Session, type StreamHandler } from "../../../src/mux/mod.ts";
import { detectRuntime } from "../../../src/runtime/detect.ts";
import { ValueCodec } from "../../../src/values/mod.ts";
import { defaultLimits } from "../../../src/wire/mod.ts";
import { schedulerOf } from "../lib/scheduler.ts";
import { smallValue } from "./streams.ts";

const codec = new ValueCodec(defaultLimits);
const message = codec.encode([null, smallValue]);
const runtime = await detectRuntime();
const link = await runtime.connect({ network: "unix", path: process.argv[2] ?? "" });
const session = new Session(link, {
  role: "plugin",
  limits: defaultLimits,
  scheduler: schedulerOf(runtime),
  handler: {
    opened: (stream) => new Sender(stream),
    control: () => {},
    goAway: () => {},
    streamOver: () => {},
    closed: () => {},
  },
});
session.start();
session.admit(defaultLimits.maxStreams);

class Sender implements StreamHandler {
  readonly #stream: MuxStream;
  #left = 0;
  #isGoing = false;

  constructor(stream: MuxStream) {
    this.#stream = stream;
  }

  message(payload: Uint8Array): void {
    this.#left = codec.decode(payload) as number;
    this.#go();
  }

  drained(): void {
    this.#go();
  }

  stopped(): boolean {
    return false;
  }

  bytes(): void {}
  ended(): void {}
  aborted(): void {}
  tooLarge(): void {}
  lost(): void {}

  /** As far as there is credit. */
  #go(): void {
    if (this.#isGoing) return;
    this.#isGoing = true;
    while (this.#left > 0 && this.#stream.isSent) {
      this.#left--;
      this.#stream.send(message, this.#left === 0);
    }
    this.#isGoing = false;
  }
}
