// Checked by tsc and deno check, never run: versions of a contract, and what an adapter has to have.
import {
  attach,
  callback,
  contract,
  type Duplex,
  inProcess,
  method,
  optional,
  type Plugin,
  type ServeOptions,
} from "@plugwire/plugwire";
import * as v from "valibot";

const first = contract("greeter", {
  greet: method([v.string()], v.string()),
  count: method([], v.number()),
  each: method([callback([v.string()])]),
  old: method([], v.string()),
});
const second = contract("greeter", {
  greet: method([v.string(), v.string()], v.string()),
  count: method([], v.number()),
  each: method([callback([v.string()])]),
});
const served = second.implement({
  greet: (name, tongue) => `${tongue} ${name}`,
  count: () => 1,
  each: async (visit) => void (await visit("a")),
});

// What is the same in both need not be there, and may be.
first.adapt(served, (now) => ({ greet: (name) => now.greet(name, "en"), old: () => "old" }));
first.adapt(served, (now) => ({ greet: (name) => now.greet(name, "en"), old: () => "old", count: () => 2 }));
first.adapt(served, (now) => ({
  greet: (name) => now.greet(name, "en"),
  old: () => "old",
  each: (visit) => now.each(visit),
}));
// @ts-expect-error greet takes more arguments now
first.adapt(served, () => ({ old: () => "old" }));
// @ts-expect-error old is gone
first.adapt(served, (now) => ({ greet: (name) => now.greet(name, "en") }));
// @ts-expect-error a number is no text
first.adapt(served, () => ({ greet: () => 5, old: () => "old" }));
// @ts-expect-error the newer implementation wants a tongue
first.adapt(served, (now) => ({ greet: (name) => now.greet(name), old: () => "old" }));

interface Text {
  transform(
    text: string,
    how: { repeat: number },
    progress: (done: number) => void,
    ask?: (q: string) => boolean,
  ): string;
  table(make: () => { rows(): number }): void;
}
const before = contract<{ transform(text: string, log: (line: string) => void): string; table(): void }>("text");
const checkedText = contract("text", {
  transform: method(
    [
      v.string(),
      v.object({ repeat: v.number() }),
      callback([v.number()]),
      optional(callback([v.string()], v.boolean())),
    ],
    v.string(),
  ),
});
const text = contract<Text>("text").implement({
  transform: async (given, { repeat }, progress, ask) => {
    using held = progress;
    await held(1);
    return (await ask?.("again?")) === true ? given.repeat(repeat) : given;
  },
  table() {},
});

// A callback that is new may be a plain function; one that came from the caller is passed on.
before.adapt(text, (now) => ({
  transform: (given) => now.transform(given, { repeat: 1 }, async () => {}),
  table() {},
}));
before.adapt(text, (now) => ({
  transform: (given, log) =>
    now.transform(
      given,
      { repeat: 1 },
      async (done) => await log(done.toFixed()),
      (q) => q.length > 1,
    ),
  table() {},
}));
before.adapt(text, (now) => ({
  transform: (given, log) => now.transform(given, { repeat: 1 }, () => log("")),
  table() {},
}));
before.adapt(text, (now) => ({
  // @ts-expect-error done is a number
  transform: (given) => now.transform(given, { repeat: 1 }, (done: string) => void done),
  table() {},
}));
before.adapt(text, (now) => ({
  transform: (given) =>
    now.transform(
      given,
      { repeat: 1 },
      () => {},
      // @ts-expect-error a callback that answers with a boolean
      () => 5,
    ),
  table() {},
}));
before.adapt(text, (now) => ({
  transform: (given) => now.transform(given, { repeat: 1 }, () => {}),
  // @ts-expect-error what it gives can be called before it is there, as only what came from the other side can
  table: () => now.table(() => ({ rows: () => 1 })),
}));
contract<{ transform(text: string): string }>("text").adapt(
  checkedText.implement({ transform: (given) => given }),
  (now) => ({
    transform: (given) =>
      now.transform(
        given,
        { repeat: 1 },
        (done) => void done.toFixed(),
        async (q) => q === "",
      ),
  }),
);

export async function narrowed(connection: Duplex, options: ServeOptions): Promise<void> {
  const versions = { 1: { greeter: first }, 2: { greeter: second } };
  const plugins = [await attach(connection, { versions }), await inProcess(options, { versions })];
  for (const plugin of plugins) {
    if (plugin.version === 2) await plugin.dispense(plugin.contracts.greeter).greet("a", "b");
    else await plugin.dispense(plugin.contracts.greeter).greet("a");
    // @ts-expect-error there is no version 3
    void (plugin.version === 3);
  }
  const any: Plugin = await attach(connection);
  void any;
}
