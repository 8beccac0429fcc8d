/** Contracts with schemas of zod and of arktype, as calls across a session see them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type } from "arktype";
import * as z from "zod";
import {
  callback,
  contract,
  DeclaredError,
  declaredError,
  errorOrigin,
  inProcess,
  isDeclaredError,
  method,
  optional,
  PluginError,
} from "../../mod.ts";

const byZod = {
  limit: z.object({ limit: z.number().default(3) }),
  asDate: z.string().transform((text) => new Date(text)),
  later: z.string().refine(async (text) => text !== "bad", "must not be bad"),
  text: z.string(),
  count: z.number(),
  truth: z.boolean(),
  errors: { notFound: z.object({ id: z.number(), hint: z.string().default("look again") }) },
};
const byArktype = {
  limit: type({ limit: "number = 3" }),
  asDate: type("string.date.parse"),
  later: type("string"),
  text: type("string"),
  count: type("number"),
  truth: type("boolean"),
  errors: { notFound: type({ id: "number", hint: "string = 'look again'" }) },
};

// One body for both libraries: their types differ, what they do does not.
for (const [library, s] of [
  ["zod", byZod],
  ["arktype", byArktype as unknown as typeof byZod],
] as const) {
  const files = contract(`files of ${library}`, {
    find: method([s.limit, callback([s.asDate], s.truth), s.later], s.asDate),
    each: method([s.count, optional(callback([s.count]))], s.count),
    counter: method([s.count], callback([s.count], s.count)),
    name: method([s.count], s.text, { errors: s.errors }),
  });
  const served = files.implement({
    async find({ limit }, want, name) {
      assert.equal(limit, 3);
      // What it passes is checked and transformed where it arrives.
      return (await want("2026-01-01T00:00:00.000Z")) ? `2027-01-01T00:00:00.000Z` : name;
    },
    async each(count, visit) {
      for (let i = 0; i < count; i++) await visit?.(i);
      return count;
    },
    counter: (from) => (by) => {
      const sum = from + by;
      return sum > 100 ? ("too much" as never) : sum;
    },
    name(id) {
      if (id === 2) throw new DeclaredError("notFound", "not declared like this", { id: "2" });
      throw declaredError(s.errors, "notFound", { id }, `there is no ${id}`);
    },
  });

  describe(`a contract with schemas of ${library}`, () => {
    it("gives each side its view of arguments, results and callbacks", async () => {
      await using plugin = await inProcess(served);
      const proxy = plugin.dispense(files);
      const wanted: unknown[] = [];
      const found = await proxy.find(
        {} as { limit?: number },
        (date) => {
          wanted.push(date);
          return true;
        },
        "good",
      );
      assert.deepEqual(wanted, [new Date("2026-01-01T00:00:00.000Z")]);
      assert.deepEqual(found, new Date("2027-01-01T00:00:00.000Z"));
      assert.equal(await proxy.each(2), 2);
      const seen: number[] = [];
      await proxy.each(2, (i) => {
        seen.push(i);
      });
      assert.deepEqual(seen, [0, 1]);
    });

    it("checks calls of a function by reference on the side that gets them", async () => {
      await using plugin = await inProcess(served);
      using counter = await plugin.dispense(files).counter(50);
      assert.equal(await counter(5), 55);
      await assert.rejects(counter("5" as never), { code: "invalid_argument", path: "args[0]" });
      await assert.rejects(counter(99), { code: "invalid_result", path: "result" });
      // What the caller's own callback answers is the caller's fault, and the plugin is told so.
      const wrong = plugin.dispense(files).find({}, () => "yes" as never, "good");
      await assert.rejects(wrong, (error) => {
        assert.match(String(error), /invalid|does not allow/);
        return true;
      });
    });

    it("has errors that arrive typed, with the defaults of their schemas", async () => {
      await using plugin = await inProcess(served);
      const proxy = plugin.dispense(files);
      const error: unknown = await proxy.name(7).catch((thrown: unknown) => thrown);
      assert.ok(isDeclaredError(error, s.errors, "notFound"), String(error));
      const { data, message } = error;
      assert.deepEqual({ data, message }, { data: { id: 7, hint: "look again" }, message: "there is no 7" });
      assert.equal(errorOrigin(error), "remote");
      const wrong: unknown = await proxy.name(2).catch((thrown: unknown) => thrown);
      assert.ok(wrong instanceof PluginError && wrong.code === "invalid_result", String(wrong));
      assert.equal(wrong.path, "data.id");
      assert.ok(wrong.cause instanceof DeclaredError);
    });
  });
}

it("an async schema of zod refuses by its rule", async () => {
  const files = contract("files", { find: method([byZod.later], byZod.later) });
  await using plugin = await inProcess(files.implement({ find: (name) => (name === "give bad" ? "bad" : name) }));
  const proxy = plugin.dispense(files);
  assert.equal(await proxy.find("good"), "good");
  await assert.rejects(proxy.find("bad"), { code: "invalid_argument", path: "args[0]" });
  await assert.rejects(proxy.find("give bad"), { code: "invalid_result", path: "result" });
});
