import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { onNextTurn } from "../../src/transport/next_turn.ts";
import { leavesNothing, runtime, start, timeout } from "./_host.ts";

const floodBytes = 32 * 1024 * 1024;

/** Keeps the thread busy, as whoever reads and logs lines is. */
function work(forMs: number): void {
  const began = performance.now();
  while (performance.now() - began < forMs);
}

describe(`a child that floods its output under ${runtime.name}`, { timeout }, () => {
  leavesNothing();

  for (const name of ["stdout", "stderr"] as const) {
    it(`leaves timers their turns, while all of its ${name} is read`, async () => {
      const redirect = name === "stderr" ? " >&2" : "";
      const child = await start(["/bin/sh", "-c", `head -c ${floodBytes} /dev/zero${redirect}`], { stderr: "pipe" });
      const over = Promise.withResolvers<void>();
      let bytes = 0;
      let turnBytes = 0;
      let most = 0;
      let isOver = false;
      const turn = (): void => {
        most = Math.max(most, turnBytes);
        turnBytes = 0;
        if (!isOver) onNextTurn(turn);
      };
      turn();
      const take = (chunk: Uint8Array): void => {
        bytes += chunk.length;
        turnBytes += chunk.length;
        work(1);
      };
      const end = (): void => over.resolve();
      const [flooded, silent] = name === "stdout" ? [child.stdio!, child.stderr!] : [child.stderr!, child.stdio!];
      flooded.start({ bytes: take, end, drain: () => {}, closed: () => {} });
      silent.start({ bytes: () => {}, end: () => {}, drain: () => {}, closed: () => {} });
      await over.promise;
      isOver = true;
      await child.exited;
      child.release();
      assert.equal(bytes, floodBytes);
      assert.ok(most <= floodBytes / 8, `${most} bytes were read in one turn of the event loop`);
    });
  }
});
