import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../mod.ts";
import { ExportTable, ImportTable, IncomingReferences, OutgoingReferences } from "../../src/references/mod.ts";

function tables(max = 10) {
  const released: string[] = [];
  const exports = new ExportTable(max, ({ id }) => released.push(`gone ${id}`));
  const imports = new ImportTable<object>(max, {
    release: (id, times) => released.push(`${id} x ${times}`),
    ended: ({ id, end }) => released.push(`${id} ${end}`),
  });
  return { exports, imports, released };
}

describe("exports", () => {
  it("are one for each value and facet, counted by encodings", () => {
    const { exports, released } = tables();
    const value = {};
    const first = exports.add(value, undefined);
    assert.equal(exports.add(value, undefined), first);
    const other = exports.add(value, "facet");
    assert.notEqual(other, first);
    assert.equal(exports.add(value, "facet"), other);
    exports.release(first.id, 1);
    assert.equal(exports.get(first.id), first);
    exports.release(first.id, 1);
    assert.equal(exports.get(first.id), undefined);
    assert.equal(exports.add(value, "facet"), other);
    exports.release(other.id, 3);
    assert.deepEqual(released, ["gone 0", "gone 1"]);
    assert.equal(exports.size, 0);
    assert.equal(exports.add(value, undefined).id, 2);
  });

  it("refuse to be released more often than they were given", () => {
    const { exports } = tables();
    const { id } = exports.add({}, undefined);
    for (const [number, times] of [
      [id, 2],
      [id + 1, 1],
    ] as const) {
      assert.throws(
        () => exports.release(number, times),
        (error) => error instanceof PluginError && error.code === "protocol",
      );
    }
  });

  it("are as many as the peer may hold, which the error explains", () => {
    const { exports } = tables(2);
    const first = {};
    exports.add(first, undefined);
    exports.add({}, undefined);
    exports.add(first, undefined);
    assert.throws(
      () => exports.add({}, undefined),
      (error) => error instanceof PluginError && error.code === "limit" && /using.*retain/.test(error.message),
    );
  });
});

describe("imports", () => {
  it("are one for each number while held, and another one after it", () => {
    const { imports, released } = tables();
    const first = imports.receive(3);
    assert.equal(imports.receive(3), first);
    imports.finish(first, "disposed");
    imports.finish(first, "returned");
    const second = imports.receive(3);
    assert.notEqual(second, first);
    assert.deepEqual(released, ["3 disposed", "3 x 2"]);
    assert.equal(imports.size, 1);
  });

  it("count until they are released, and are refused past the limit", () => {
    const { imports, released } = tables(2);
    const first = imports.receive(1);
    imports.depart(first);
    imports.finish(first, "disposed");
    imports.receive(2);
    assert.throws(
      () => imports.receive(3),
      (error) => error instanceof PluginError && error.code === "limit",
    );
    imports.departed(first);
    imports.receive(3);
    assert.deepEqual(released, ["1 disposed", "1 x 1"]);
  });

  it("are given back at once when nobody takes the message, unless they are held", () => {
    const { imports, released } = tables();
    imports.discard(1);
    const held = imports.receive(2);
    imports.discard(2);
    imports.finish(held, "disposed");
    assert.deepEqual(released, ["1 x 1", "2 disposed", "2 x 2"]);
  });
});

describe("the references of a message", () => {
  it("are taken back once, whether it was given up or refused", () => {
    const { exports, imports } = tables();
    const side = { exports, imports };
    const value = {};
    const [kept, refused, dropped] = [0, 1, 2].map(() => new OutgoingReferences(side));
    const entry = kept!.export(value, undefined);
    refused!.export(value, undefined);
    dropped!.export(value, undefined);
    kept!.sent();
    refused!.sent();
    refused!.takeBack();
    dropped!.takeBack();
    dropped!.takeBack();
    assert.deepEqual([entry.count, entry.isUnsent], [1, false]);
  });

  it("are lent until it is over, unless they are kept", () => {
    const { imports, released } = tables();
    const [call, other, result] = [0, 1, 2].map(() => new IncomingReferences(imports));
    call!.receive(1);
    other!.receive(1);
    result!.receive(2);
    call!.receive(2);
    const owned: number[] = [];
    result!.keep(({ id }) => owned.push(id));
    call!.giveBack();
    call!.giveBack();
    assert.deepEqual(released, []);
    other!.giveBack();
    assert.deepEqual(released, ["1 returned", "1 x 2"]);
    assert.deepEqual(owned, [2]);
  });
});
