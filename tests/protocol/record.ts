// node tests/protocol/record.ts: makes tests/vectors/sessions.json anew from this implementation. Run it by hand after a
// change of the wire, read the difference, and change docs/PROTOCOL.md in the same commit.
import { writeFileSync } from "node:fs";
import { onNextTurn } from "../../src/transport/next_turn.ts";
import { frameName, frameRules } from "../../src/wire/frame.ts";
import { HandLink } from "./_hand_link.ts";
import { type Role, Side } from "./_programs.ts";
import { type Hex, hexOf, type RecordedSession, type Step } from "./_vectors.ts";

const secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const roles: readonly Role[] = ["host", "plugin"];
const prefaceBytes = 8;
const headerBytes = 9;

interface Script {
  readonly name: string;
  readonly secret?: string;
  readonly does: readonly { readonly by: Role; readonly does: string }[];
}

const host = (...does: readonly string[]) => does.map((one) => ({ by: "host" as const, does: one }));

const scripts: readonly Script[] = [
  {
    name: "a unary call with proofs; then the host stops the plugin",
    secret,
    does: host('calls greet("World")', "drops greeter", "drains the session, then closes it"),
  },
  {
    name: "a call with options, and one whose implementation throws; then the host closes the session",
    does: host(
      'calls greet("World") with 1000 ms and metadata { trace: "7" }',
      'calls find("nobody")',
      "closes the session",
    ),
  },
  {
    name: "a call that is cancelled while it runs",
    does: host("calls wait()", 'cancels it with Error("enough")', "drains the session, then closes it"),
  },
  {
    name: "a call of 100 KiB, in fragments with credit, and a reply of as much",
    does: host("calls count() of 102,400 times a", 'calls repeat("a", 102400)', "drains the session, then closes it"),
  },
  {
    name: "a plugin that calls its host while it is called",
    does: host("calls welcome()", "drains the session, then closes it"),
  },
  {
    name: "the plugin drains the session while a call runs; it ends when the call does",
    does: [
      ...host("calls wait()"),
      { by: "plugin", does: "drains the session, then closes it" },
      ...host('cancels it with Error("enough")'),
    ],
  },
  {
    name: "the plugin hands over to another host while a call runs; it ends when the call does",
    does: [
      ...host("calls wait()"),
      { by: "plugin", does: "hands over to another host" },
      ...host('cancels it with Error("enough")'),
    ],
  },
  {
    name: "the host lets go of a plugin that lives on",
    does: host('calls greet("World")', "lets go of the plugin, which is to live on"),
  },
  {
    name: "a function as an argument, called twice; it is released with the reply",
    does: host("calls each() with a function that gives the length of a text", "closes the session"),
  },
  {
    name: "a function that comes home",
    does: host("calls same() with a function, and notes whether it is itself", "closes the session"),
  },
  {
    name: "a call of what a call is going to give",
    does: host("calls next() of what names() is going to give, then lets go of that", "closes the session"),
  },
  {
    name: "a stream of values, read to its end",
    does: host("reads all of primes()", "closes the session"),
  },
  {
    name: "a stream whose reader breaks off, and one whose source fails",
    does: host("reads two of ticks(), then breaks", "reads broken()", "closes the session"),
  },
  {
    name: "a stream of bytes as an argument",
    does: host("calls size() with a stream of 3 bytes", "closes the session"),
  },
  {
    name: "a signal that is aborted while the call with it runs",
    does: host("calls wait() with a signal", 'aborts the signal with "enough"', "closes the session"),
  },
];

/** Turns of the event loop in which whatever a session does is done, but for proofs: those are made by other threads. */
const quietTurns = 20;

async function idle(): Promise<void> {
  for (let turn = 0; turn < quietTurns; turn++) await new Promise<void>(onNextTurn);
}

async function record(script: Script): Promise<RecordedSession> {
  const key = script.secret === undefined ? undefined : Uint8Array.from(Buffer.from(script.secret, "hex"));
  const links = { host: new HandLink(), plugin: new HandLink() };
  const sides = {
    host: await Side.open("host", links.host, key),
    plugin: await Side.open("plugin", links.plugin, key),
  };
  const steps: Step[] = [];
  const taken = { host: 0, plugin: 0 };
  const ended = new Set<Role>();
  const exchange = async (): Promise<void> => {
    for (let moved = true; moved; ) {
      await idle();
      moved = false;
      const news = roles.map((role) => ({
        role,
        bytes: links[role].written.subarray(taken[role]),
        isEnded: links[role].isEnded,
      }));
      for (const { role, bytes, isEnded } of news) {
        const peer = role === "host" ? "plugin" : "host";
        if (bytes.length > 0) {
          moved = true;
          steps.push(...framesOf(role, bytes, taken[role] === 0));
          taken[role] += bytes.length;
          links[peer].deliver(bytes);
        }
        if (!isEnded || ended.has(role)) continue;
        moved = true;
        ended.add(role);
        steps.push({ from: role, end: true });
        links[peer].deliverEnd();
      }
    }
  };
  let isOpen = false;
  const opening = Promise.all(roles.map((role) => sides[role].session.opened)).finally(() => {
    isOpen = true;
  });
  while (!isOpen) await exchange();
  await opening;
  await exchange();
  for (const { by, does } of script.does) {
    steps.push({ by, does });
    await sides[by].do(does);
    await exchange();
  }
  for (const role of roles) {
    const error = await sides[role].session.closed;
    if (error !== undefined && error.code !== "superseded") throw error;
  }
  const outcomes = { host: sides.host.outcomes, plugin: sides.plugin.outcomes };
  return { name: script.name, secret: script.secret ?? null, steps, outcomes };
}

function framesOf(from: Role, bytes: Uint8Array, begins: boolean): Step[] {
  const steps: Step[] = [];
  let at = 0;
  if (begins) {
    steps.push({ from, what: "preface", hex: hexOf(bytes.subarray(0, prefaceBytes)) });
    at = prefaceBytes;
  }
  while (at < bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const length = view.getUint32(0) >>> 8;
    const frame = bytes.subarray(at, at + headerBytes + length);
    steps.push({ from, what: describe(frame[3]!, frame[4]!, view.getUint32(5), length), hex: shorten(frame) });
    at += frame.length;
  }
  return steps;
}

const flagNames: Readonly<Record<string, readonly string[]>> = {
  DATA: ["OPEN", "MORE", "END"],
  BYTES: ["OPEN", "", "END"],
  RESET: ["STOPPED", "STOP"],
  PING: ["ACK"],
  GOAWAY: ["DRAIN"],
};

function describe(type: number, flags: number, stream: number, length: number): string {
  const name = frameName(type);
  const set = (flagNames[name] ?? []).filter((_, bit) => (flags & (1 << bit)) !== 0);
  const where = frameRules[type]?.onStream === true ? `, stream ${stream}` : "";
  return `${[name, ...set].join(" ")}${where}, ${length} bytes`;
}

/** Long runs of one byte as a repetition. */
function shorten(frame: Uint8Array): Hex {
  if (frame.length < 1_000) return hexOf(frame);
  const parts: (string | [string, number])[] = [];
  for (let at = 0; at < frame.length; ) {
    let end = at;
    while (end < frame.length && frame[end] === frame[at]) end++;
    const digits = hexOf(frame.subarray(at, at + 1));
    const last = parts.at(-1);
    if (end - at >= 32) parts.push([digits, end - at]);
    else if (typeof last === "string") parts[parts.length - 1] = last + digits.repeat(end - at);
    else parts.push(digits.repeat(end - at));
    at = end;
  }
  return parts;
}

const sessions: RecordedSession[] = [];
for (const script of scripts) sessions.push(await record(script));
const list = sessions.map(({ name, secret: key, steps, outcomes }) => {
  const lines = steps.map((step) => `        ${JSON.stringify(step)}`).join(",\n");
  return `    {\n      "name": ${JSON.stringify(name)},\n      "secret": ${JSON.stringify(key)},\n      "outcomes": ${JSON.stringify(outcomes)},\n      "steps": [\n${lines}\n      ]\n    }`;
});
const about = "Whole sessions, byte by byte both ways, frame by frame. See README.md here, and PROTOCOL.md §3 to §8.";
writeFileSync(
  new URL("../vectors/sessions.json", import.meta.url),
  `{\n  "about": ${JSON.stringify(about)},\n  "sessions": [\n${list.join(",\n")}\n  ]\n}\n`,
);
