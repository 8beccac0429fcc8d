// The plugin's side of the soak: connects to the socket in its first argument, and serves until the session ends.
import { detectRuntime } from "../../src/runtime/detect.ts";
import { openSide } from "../rpc/_sessions.ts";
import { countedSignal } from "./_counted_signal.ts";
import { makeServed } from "./_served.ts";

const runtime = await detectRuntime();
const link = await runtime.connect({ network: "unix", path: process.argv[2] ?? "" });
const serves = makeServed(() => session, countedSignal());
const session = openSide("plugin", link, { serves });
const error = await session.closed;
if (error !== undefined) {
  console.error(error);
  process.exitCode = 1;
}
