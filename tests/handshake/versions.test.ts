import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PluginError } from "../../src/errors/mod.ts";
import {
  acceptVersion,
  checkVersions,
  chooseProtocol,
  chooseVersion,
  versionForLine,
} from "../../src/handshake/mod.ts";

describe("chooseVersion", () => {
  const table: readonly (readonly [host: number[] | undefined, plugin: number[] | undefined, chosen: number])[] = [
    [[1], [1], 1],
    [[1, 2, 3], [2, 3, 4], 3],
    [[3, 1, 2], [2, 1], 2],
    [[10, 9], [9, 10, 11], 10],
    [undefined, [4, 2, 3], 2],
    [[5, 4], undefined, 4],
    [undefined, undefined, 1],
  ];
  for (const [host, plugin, chosen] of table) {
    it(`host ${host} and plugin ${plugin} speak ${chosen}`, () => assert.equal(chooseVersion(host, plugin), chosen));
  }

  it("shows both lists when there is no common version", () => {
    assert.throws(
      () => chooseVersion([5, 3, 4], [9, 8]),
      (error) => {
        assert.ok(error instanceof PluginError);
        assert.equal(error.code, "no_common_version");
        assert.deepEqual(error.hostVersions, [3, 4, 5]);
        assert.deepEqual(error.pluginVersions, [8, 9]);
        assert.equal(error.execution, "none");
        assert.match(error.message, /host speaks 3, 4, 5, the plugin 8, 9/);
        return true;
      },
    );
  });

  for (const wrong of [[], [0], [-1], [1.5], [Number.NaN], [2 ** 31], ["1" as unknown as number]]) {
    it(`refuses the list ${JSON.stringify(wrong)} as a mistake of its caller`, () => {
      assert.throws(() => chooseVersion(wrong, [1]), RangeError);
      assert.throws(() => chooseVersion([1], wrong), RangeError);
    });
  }
});

describe("the version in the line", () => {
  const table: readonly (readonly [host: number[] | undefined, plugin: number[], written: number])[] = [
    [[1, 2], [1, 2, 3], 2],
    [[9], [4, 3], 3],
    [undefined, [4, 3], 3],
    [[0], [1], 1],
    [[], [2], 2],
  ];
  for (const [host, plugin, written] of table) {
    it(`of a plugin with ${plugin} under a host with ${host} is ${written}`, () =>
      assert.equal(versionForLine(host, plugin), written));
  }

  it("is refused by a host that does not speak it, with both lists", () => {
    assert.equal(acceptVersion(2, [1, 2]), 2);
    assert.throws(
      () => acceptVersion(9, [3, 4, 5]),
      (error) => error instanceof PluginError && error.code === "no_common_version" && error.pluginVersions?.[0] === 9,
    );
  });

  it("is checked on the plugin's own side", () => {
    assert.throws(() => versionForLine([1], []), RangeError);
    assert.deepEqual(checkVersions([2, 1, 2]), [1, 2]);
  });
});

describe("chooseProtocol", () => {
  it("takes what the host likes best", () => {
    assert.equal(chooseProtocol(["plugwire", "grpc"], ["grpc", "plugwire"]), "plugwire");
    assert.equal(chooseProtocol(["grpc", "plugwire"]), "plugwire");
    assert.equal(chooseProtocol(undefined, ["plugwire"]), "plugwire");
  });

  it("shows both lists when none is shared", () => {
    assert.throws(
      () => chooseProtocol(["grpc", "netrpc"]),
      (error) =>
        error instanceof PluginError &&
        error.code === "unsupported_protocol" &&
        /"grpc", "netrpc", the plugin "plugwire"/.test(error.message),
    );
  });
});
