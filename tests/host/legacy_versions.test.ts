/** Sides that say less of protocol versions than ours do, by hand over a link in memory. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { attach, callContext, contract, PluginError, type Served, serveOver, type VersionMap } from "../../mod.ts";
import { memoryLinks } from "../../src/transport/mod.ts";
import { FrameType } from "../../src/wire/mod.ts";
import { codec, RawPeer } from "../rpc/_sessions.ts";

const said = contract<{ version(): number }>("said").implement({ version: () => callContext().peer.version });

interface Answer {
  readonly version: number | null;
  readonly contracts: readonly { readonly name: string }[];
}

/** What our plugin answers a host that says this of versions. */
async function answerTo(said: Readonly<Record<string, unknown>>, versions: readonly number[]): Promise<Answer> {
  const [left, right] = memoryLinks();
  const serves = Object.fromEntries(versions.map((version) => [version, [served(`v${version}`)]]));
  const serving = serveOver(right, { versions: serves });
  const host = new RawPeer(left);
  sayHello(host, "host", said);
  const { payload } = await host.frame(FrameType.hello);
  host.end();
  // It goes away without a word.
  await assert.rejects(serving, (error) => error instanceof PluginError && error.code === "closed");
  return codec.decode(payload) as Answer;
}

/** Says hello with what must be there, and these keys. */
function sayHello(raw: RawPeer, role: "host" | "plugin", said: Readonly<Record<string, unknown>>): void {
  raw.say(FrameType.hello, { wire: [1], role, nonce: new Uint8Array(16), auth: false, ...said });
}

function served(name: string): Served {
  return contract<{ run(): void }>(name).implement({ run() {} });
}

describe("case 13: a plugin under a host", () => {
  const table: readonly [says: Record<string, unknown>, plugin: readonly number[], version: number | null][] = [
    [{}, [3, 2], 2],
    [{}, [1], 1],
    [{ version: 3 }, [3, 2], 2],
    [{ versions: [1, 2] }, [3, 2], 2],
    [{ versions: [9] }, [3, 2], null],
  ];
  for (const [says, plugin, version] of table) {
    it(`that says ${JSON.stringify(says)} speaks ${version} of ${plugin}`, async () => {
      const answer = await answerTo(says, plugin);
      assert.equal(answer.version, version);
      assert.deepEqual(
        answer.contracts.map(({ name }) => name),
        version === null ? [] : [`v${version}`],
      );
    });
  }
});

describe("case 12: a host with a plugin", () => {
  const none = "no_common_version";
  const table: readonly [says: Record<string, unknown>, host: readonly number[], version: number | string][] = [
    [{}, [1], 1],
    [{}, [1, 2], 1],
    [{}, [2], none],
    [{ versions: [1, 2, 4] }, [1, 2, 3], 2],
    [{ versions: [4] }, [1, 2, 3], none],
    [{ version: 2 }, [1, 2, 3], 2],
    [{ version: 5 }, [1, 2, 3], none],
    [{ version: null, versions: [1] }, [1], none],
  ];
  for (const [says, host, version] of table) {
    it(`that says ${JSON.stringify(says)} speaks ${version} of ${host}`, async () => {
      const [left, right] = memoryLinks();
      const raw = new RawPeer(right);
      const versions: VersionMap = Object.fromEntries(host.map((each) => [each, { number: each }]));
      const attached = attach(left, { versions, provide: Object.fromEntries(host.map((each) => [each, [said]])) });
      await raw.frame(FrameType.hello);
      sayHello(raw, "plugin", says);
      if (typeof version === "string") {
        await assert.rejects(attached, (error) => error instanceof PluginError && error.code === version);
      } else {
        const plugin = await attached;
        assert.deepEqual([plugin.version, plugin.contracts], [version, { number: version }]);
        raw.end();
        await plugin.stop();
      }
    });
  }
});

describe("the option provide", () => {
  const [link] = memoryLinks();
  const refused: readonly [provide: unknown, message: RegExp][] = [
    [5, /provide of attach must be an array, or an object of arrays by version/],
    [{ 2: [said] }, /provide has version "2", and the host speaks 1/],
    [{ one: [said] }, /provide has version "one"/],
    [{ 1: said }, /version 1 of provide must be an array/],
    [{ 1: [said, said] }, /contract "said" is served twice/],
    [[said, said], /contract "said" is served twice/],
  ];
  for (const [provide, message] of refused) {
    it(`is refused with ${message.source}`, async () => {
      await assert.rejects(attach(link, { provide: provide as never }), (error) => {
        return error instanceof TypeError && message.test(error.message);
      });
    });
  }
});
