import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contract, withOptions } from "../../mod.ts";
import { FrameType } from "../../src/wire/mod.ts";
import { rejectsWith } from "../support/calls.ts";
import { joined } from "../support/joined.ts";
import { Attack, callBytes, Raw, refs } from "./_attack.ts";
import { codec, openPair } from "./_sessions.ts";

const open = 1;
const end = 4;
const mebibyte = 1_048_576;

/** Runs a flood; what the process has grown by meanwhile must be within bounds, at the end and all the time. */
async function within(mebibytes: number, flood: (watch: () => void) => Promise<void>): Promise<void> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = (): void => {
    most = Math.max(most, process.memoryUsage().rss);
  };
  await flood(watch);
  watch();
  const grown = (most - before) / mebibyte;
  assert.ok(grown <= mebibytes, `${grown.toFixed(0)} MiB more, at most ${mebibytes} are allowed`);
}

function arrayHead(count: number): number[] {
  return [0x9a, (count >>> 24) & 255, (count >>> 16) & 255, (count >>> 8) & 255, count & 255];
}

/** A list of so many references, each of its own. */
function listOf(count: number, from = 0): Raw {
  const item = (id: number): number[] => [
    0x82,
    0x00,
    0x1a,
    (id >>> 24) & 255,
    (id >>> 16) & 255,
    (id >>> 8) & 255,
    id & 255,
  ];
  return new Raw(arrayHead(count), ...Array.from({ length: count }, (_, n) => item(from + n)));
}

describe("a list of 10 million references", () => {
  const [home, own] = [[5], [0x82, 0x00, 0x19, 0x01, 0x02]];
  for (const [says, item] of [
    ["that come home", home],
    ["each of its own", own],
  ] as const) {
    it(`${says} ends the session before anything is made of it`, async () => {
      const attack = new Attack();
      const items = new Uint8Array(item.length * 10_000_000);
      for (let at = 0; at < items.length; at += item.length) items.set(item, at);
      const rest = [codec.encode(0), codec.encode("run"), [0x80]];
      const call = joined([[0x84], arrayHead(10_000_000), items, ...rest]);
      // It is the peer's message, once as it came and once in the test's own hands.
      await within((4 * call.length) / mebibyte + 32, async (watch) => {
        void attack.sendLarge(call).catch(() => {});
        const ended = await attack.ended();
        watch();
        assert.deepEqual(ended, { goAway: 3, code: "limit" });
      });
      assert.deepEqual(attack.vault.reached, []);
    });
  }
});

describe("a thousand references a call", () => {
  it("are given back after each of 200 calls", async () => {
    const attack = new Attack();
    for (let n = 0; n < 200; n++) {
      const { status } = await attack.ask(callBytes(listOf(1_000, n * 1_000), 0, "run", refs(0, 999)));
      assert.equal(status, 0);
    }
    attack.vault.reached.length = 0;
    await attack.stillGood();
    await attack.close();
  });

  it("30,000 of them, are given back too, in frames that fit", async () => {
    const attack = new Attack();
    const stream = await attack.sendLarge(callBytes(listOf(30_000, 1_000_000), 0, "run", refs(0, 999)));
    assert.equal((await attack.answer(stream)).status, 0);
    attack.vault.reached.length = 0;
    await attack.stillGood();
    const releases = attack.peer.frames.filter(({ type }) => type === FrameType.control);
    const released = releases.map(({ payload }) => (codec.decode(payload) as unknown[]).length - 1);
    assert.equal(
      released.reduce((a, b) => a + b, 0),
      60_000,
    );
    await attack.close();
  });

  it("end the session where they are kept, past the limit that the hello said", async () => {
    const attack = new Attack({ maxReferences: 5_000 });
    for (let n = 0; n < 6; n++) attack.send(callBytes(listOf(1_000, n * 1_000), 1, "keeps", refs(0)));
    assert.deepEqual(await attack.ended(), { goAway: 3, code: "limit" });
    assert.equal(attack.plugin.counts.imports, 0);
  });

  it("end the session where one call names more than may be held", async () => {
    const attack = new Attack({ maxReferences: 500 });
    attack.send(callBytes(listOf(1_000), 0, "run", refs(0)));
    assert.deepEqual(await attack.ended(), { goAway: 3, code: "limit" });
    assert.deepEqual(attack.vault.reached, []);
  });
});

describe("a peer that never lets go", () => {
  it("gets no more than it said it holds, and the error says what to do", async () => {
    const attack = new Attack({}, { limits: { references: 100 } });
    const ids: number[] = [];
    for (let n = 0; n < 100; n++) ids.push(await attack.reference("narrow", 1));
    const { status, body } = await attack.ask([null, 1, "narrow", []]);
    assert.deepEqual([status, body.code, body.execution], [2, "limit", "done"]);
    assert.match(body.message ?? "", /limits\.maxReferences.*using.*retain/);
    assert.equal(attack.plugin.counts.exports, 100);
    attack.control([2, ids[0], 1]);
    ids[0] = await attack.reference("narrow", 1);
    attack.control([2, ...ids.flatMap((id) => [id, 1])]);
    await attack.stillGood();
    await attack.close();
  });

  it("may be given one thing 10,000 times, which is one reference", async () => {
    const attack = new Attack();
    const id = await attack.reference("fn");
    let last = 0;
    for (let n = 1; n < 10_000; n++) {
      last = attack.send([null, 0, "fn", []]);
      // More at once are refused.
      if (n % 500 === 0) await attack.answer(last);
    }
    await attack.answer(last);
    await attack.stillGood({ exports: 1 });
    attack.control([2, id, 10_000]);
    await attack.stillGood();
    await attack.close();
  });
});

describe("a flood", () => {
  it("of calls that never end is refused past the streams that the hello said", async () => {
    const attack = new Attack({ maxStreams: 64 });
    await within(150, async () => {
      for (let n = 0; n < 20_000; n++) attack.send([null, 0, "never", []]);
      for (let n = 0; n < 20_000 - 64; n++) await attack.peer.frame(FrameType.reset, n);
    });
    assert.equal(attack.plugin.counts.streams, 64);
    await attack.close();
  });

  it("of openings and resets leaves nothing", async () => {
    const attack = new Attack();
    await within(150, async () => {
      const call = codec.encode([null, 0, "never", []]);
      for (let n = 0; n < 20_000; n++) {
        const id = attack.next();
        if (n % 3 === 0) attack.peer.send(FrameType.data, joined([[0, 0, 1, 0], call]), id, open | 2);
        else attack.peer.send(FrameType.data, call, id, open | end);
        attack.peer.send(FrameType.reset, Uint8Array.of(0, 1), id, n % 3 === 0 ? 3 : 2);
      }
      // Those that run are let go of only by their implementation, which never ends.
      await attack.peer.frame(FrameType.reset, 1_000);
    });
    const { streams } = attack.plugin.counts;
    assert.ok(streams <= 1_024, `${streams} streams`);
    await attack.close();
  });

  it("of calls with references, each cancelled as it is made, leaves no reference", async () => {
    const attack = new Attack();
    for (let n = 0; n < 5_000; n++) {
      const id = attack.send(callBytes([[0, n]], 0, "run", refs(0)));
      attack.peer.send(FrameType.reset, Uint8Array.of(0, 1), id, 2);
    }
    await attack.stillGood();
    await attack.close();
  });

  it("of CONTROL frames that mean nothing is passed over", async () => {
    const attack = new Attack();
    await within(100, async () => {
      for (let n = 0; n < 50_000; n++) attack.control(n % 2 === 0 ? [3, n, null] : [99, n]);
      await attack.stillGood();
    });
    await attack.close();
  });

  it("of calls of references that it does not hold is answered", async () => {
    const attack = new Attack();
    await within(150, async () => {
      let last = 0;
      for (let n = 1; n <= 20_000; n++) {
        last = attack.send([null, -1 - n, "", []]);
        if (n % 500 !== 0) continue;
        const { status, body } = await attack.answer(last);
        assert.deepEqual([status, body.code], [2, "bad_message"]);
      }
    });
    assert.deepEqual(attack.vault.reached, []);
    await attack.close();
  });
});

describe("callbacks that call back without end", () => {
  it("wait once every stream is used; the first call ends in time, and all of them with the session", async () => {
    const lab = contract<{ loop(back: () => unknown): unknown }>("lab");
    let depth = 0;
    const served = lab.implement({
      loop: (back) => {
        depth++;
        return back();
      },
    });
    const limits = { maxStreams: 32 };
    const { host, plugin } = openPair({ limits }, { limits, serves: [served] });
    await host.opened;
    const proxy = host.dispense(lab);
    const back = async (): Promise<unknown> => await proxy.loop(back);
    await within(100, async () => {
      await rejectsWith(withOptions(proxy, { timeoutMs: 200 }).loop(back) as Promise<unknown>, "timeout");
      for (const { counts } of [host, plugin]) {
        assert.ok(counts.streams <= 64 && counts.waiting <= 2, JSON.stringify(counts));
        assert.ok(counts.exports + counts.imports <= 1, JSON.stringify(counts));
      }
      host.close();
      await Promise.all([host.closed, plugin.closed]);
    });
    assert.ok(depth >= 32);
    for (const { counts } of [host, plugin]) {
      assert.deepEqual([counts.streams, counts.waiting, counts.exports, counts.imports], [0, 0, 0, 0]);
    }
  });
});
