import assert from "node:assert/strict";
import { it } from "node:test";
import { StdoutLine } from "../../src/output/stdout_line.ts";
import type { Link, LinkHandler } from "../../src/transport/mod.ts";

it("a session over stdio that pauses while it gets what came with the line stays paused", async () => {
  const calls: string[] = [];
  let stdout: LinkHandler | undefined;
  const stdio: Link = {
    name: "stdio",
    start: (handler) => {
      stdout = handler;
    },
    write: () => true,
    end: () => {},
    destroy: () => {},
    pause: () => calls.push("pause"),
    resume: () => calls.push("resume"),
  };
  const line = new StdoutLine(
    stdio,
    () => {},
    () => {},
  );
  stdout?.bytes(new TextEncoder().encode("1|1|stdio|-|plugwire|\nfirst"));
  assert.deepEqual(calls, ["pause"]);
  await line.line;
  const link = line.asLink("stdio of tested");
  const got = Promise.withResolvers<string>();
  const bytes = (chunk: Uint8Array): void => {
    link.pause();
    got.resolve(new TextDecoder().decode(chunk));
  };
  link.start({ bytes, end: () => {}, drain: () => {}, closed: () => {} });
  assert.equal(await got.promise, "first");
  assert.deepEqual(calls, ["pause", "pause"]);
  link.resume();
  assert.deepEqual(calls, ["pause", "pause", "resume"]);
});

it("a session over stdio is told when the system has taken its bytes", () => {
  let hasTaken = false;
  const stdio: Link = {
    name: "stdio",
    start: () => {},
    write: () => true,
    get hasTaken() {
      return hasTaken;
    },
    end: () => {},
    destroy: () => {},
    pause: () => {},
    resume: () => {},
  };
  const link = new StdoutLine(
    stdio,
    () => {},
    () => {},
  ).asLink("stdio of tested");
  assert.equal(link.hasTaken, false);
  hasTaken = true;
  assert.equal(link.hasTaken, true);
});
