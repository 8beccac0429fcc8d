import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { Plugin } from "../../mod.ts";
import { echo, makeServed } from "../fixtures/values/echo.ts";
import { pluginWays } from "../support/plugins.ts";
import { assertSame } from "../values/_same.ts";
import { anyValue } from "../values/_support.ts";

const program = { makeServed, script: new URL("../fixtures/values/plugin.ts", import.meta.url) };
const batch = 25;
/** Values of each way to a plugin; there are twelve, and three runtimes that run this: 10,800 in all. */
const perWay = 300;

/** One seed a way, so that no two see the same values. A failure prints it, with the values that it came to. */
function seedOf(way: number): number {
  return 31_000 + way;
}

async function* iterate(values: readonly unknown[]): AsyncIterable<unknown> {
  yield* values;
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}

for (const [index, way] of pluginWays.entries()) {
  describe(`values over ${way.name}`, () => {
    let plugin: Plugin | undefined;
    before(async () => {
      plugin = await way.open(program);
    });
    after(async () => {
      await plugin?.stop();
    });

    it(`arrive as they were, ${perWay} of them: as arguments and results, through callbacks, as items`, async () => {
      const proxy = plugin!.dispense(echo);
      await fc.assert(
        fc.asyncProperty(fc.array(anyValue, { minLength: batch, maxLength: batch }), async (values) => {
          const [results, calledBack, streamed] = await Promise.all([
            proxy.back(values),
            proxy.calledBack(values, (value) => value),
            proxy.streamed(iterate(values)).then(collect),
          ]);
          assertSame(results, values);
          assertSame(calledBack, values);
          assertSame(streamed, values);
        }),
        { numRuns: perWay / batch, seed: seedOf(index), interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
      );
    });
  });
}
