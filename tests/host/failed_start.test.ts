import assert from "node:assert/strict";
import { it } from "node:test";
import { launch } from "../../mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { programPath } from "../support/life.ts";

it("a launch that fails before there is a process lets go of the streams it was given", async () => {
  const stdout = new WritableStream<Uint8Array>();
  const stderr = new WritableStream<Uint8Array>();
  const started = launch([programPath("no-such-program")], { stdout, stderr, log: false });
  await assert.rejects(started, { code: "not_found" });
  assert.deepEqual([stdout.locked, stderr.locked], [false, false]);
});

it("a stream that is locked is refused, and the other one let go of", async () => {
  const stdout = new WritableStream<Uint8Array>();
  const stderr = new WritableStream<Uint8Array>();
  stderr.getWriter();
  await assert.rejects(launch([programPath("says.sh"), ""], { stdout, stderr, log: false }), TypeError);
  assert.equal(stdout.locked, false);
});

it("a start that takes too long gives its connect up", async () => {
  const runtime = await detectRuntime();
  const given = Promise.withResolvers<void>();
  const connect: Runtime["connect"] = (_address, options) =>
    new Promise((_resolve, reject) => {
      options?.signal?.addEventListener("abort", () => {
        given.resolve();
        reject(options.signal?.reason);
      });
    });
  const line = "1|1|unix|/tmp/no-such-directory/s|plugwire|\\n";
  const adapter: Runtime = { ...runtime, connect };
  const started = launch([programPath("says.sh"), line], { adapter, startTimeoutMs: 300, log: false });
  await assert.rejects(started, { code: "timeout" });
  await given.promise;
});
