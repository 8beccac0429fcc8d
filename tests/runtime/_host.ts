/** What the suites of the three adapters share: each runs over that of whatever runtime runs it. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import type { Address, ByteSource, ChildProcess, Listener, Runtime, SpawnOptions } from "../../src/runtime/runtime.ts";
import type { Link } from "../../src/transport/link.ts";
import { countResources, type Resources, resourcesBackTo } from "../support/resources.ts";
import { bytesOf, Tap } from "./_tap.ts";

export const runtime: Runtime = await detectRuntime();
/** Time that a suite or test may take, in ms. */
export const timeout = 30_000;

/** Starts a child whose stdin and stdout are pipes. */
export function start(command: readonly string[], options: Partial<SpawnOptions> = {}): Promise<ChildProcess> {
  return runtime.spawn({
    command,
    env: runtime.environment(),
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
    ownSession: false,
    ...options,
  });
}

/** Says of an error whether it has this code, and these parts in its message. */
export const failsWith =
  (code: string, ...parts: (string | RegExp)[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof PluginError, String(error));
    assert.equal(error.code, code, error.message);
    for (const part of parts)
      assert.match(error.message, part instanceof RegExp ? part : new RegExp(RegExp.escape(part)));
    return true;
  };

/** A directory for the tests of one file, and what is made in it. */
export class Place {
  directory = "";
  #sockets = 0;

  constructor() {
    before(async () => {
      this.directory = await runtime.makePrivateDirectory("plugwire-test-");
    });
    after(async () => {
      await runtime.remove(this.directory);
    });
  }

  socketAddress(): Extract<Address, { network: "unix" }> {
    return { network: "unix", path: `${this.directory}/${this.#sockets++}.sock` };
  }

  /** Two ends of a connection, neither started. */
  async pair(address: Address = this.socketAddress()): Promise<{ near: Link; far: Link; listener: Listener }> {
    const accepted = Promise.withResolvers<Link>();
    const listener = await runtime.listen(address, accepted.resolve);
    const near = await runtime.connect(listener.address);
    return { near, far: await accepted.promise, listener };
  }

  /** Resolves once whatever was under way to this process before has come: it is overtaken by nothing sent later. */
  async arrival(): Promise<void> {
    const { near, far, listener } = await this.pair();
    const [a, b] = [new Tap(near), new Tap(far)];
    // Bytes and the end after them are two events of the system.
    for (let round = 1; round <= 3; round++) {
      near.write(bytesOf("?"));
      await b.text(round);
      far.write(bytesOf("!"));
      await a.text(round);
    }
    near.destroy();
    far.destroy();
    await Promise.all([a.closing, b.closing, listener.close()]);
  }
}

/** Fails each test of a suite that leaves a child, socket or pipe. */
export function leavesNothing(): void {
  let resources: Resources;
  beforeEach(() => {
    resources = countResources();
  });
  afterEach(async () => {
    const left = await resourcesBackTo(resources);
    assert.ok(left.children <= resources.children, "a test left a child");
    assert.ok(left.descriptors <= resources.descriptors, "a test left a pipe or socket");
  });
}

/** All that a source gives, as text, once it has ended. */
export function textOf(source: ByteSource): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const decoder = new TextDecoder();
  let text = "";
  source.start({
    bytes: (chunk) => {
      text += decoder.decode(chunk, { stream: true });
    },
    end: () => resolve(text),
  });
  return promise;
}
