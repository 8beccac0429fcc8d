// npm run demo: one host with a plugin on each runtime, calls both ways, their logs, one that is killed in mid-call.
// Imports the sources, so that it needs no build; a program of yours imports "@plugwire/plugwire" instead of mod.ts.
import assert from "node:assert/strict";
import { launch, type Plugin, PluginError, type RuntimeName } from "../../mod.ts";
import { desk, library } from "./contracts.ts";
import { bold, dim, green, logsArrive, moment, red, say, title } from "./screen.ts";

const runtimes: readonly RuntimeName[] = ["node", "deno", "bun"];
const script = new URL("./plugin.ts", import.meta.url);
const books = new Map([
  ["a haiku", "an old silent pond a frog jumps into the pond splash silence again"],
  ["a proverb", "many hands make light work"],
  ["a pun", "time flies like an arrow fruit flies like a banana"],
]);

let calls = 0;
let callsOfHost = 0;
const provide = [
  library.implement({
    read(wanted) {
      callsOfHost++;
      const text = books.get(wanted);
      if (text === undefined) throw new RangeError(`no book is called ${wanted}`);
      return text;
    },
  }),
];

async function start(runtime: RuntimeName): Promise<Plugin> {
  const startedMs = performance.now();
  const plugin = await launch(script, { runtime, name: runtime, provide });
  const tookMs = performance.now() - startedMs;
  const about = await plugin.dispense(desk).about();
  calls++;
  assert.ok(about.startsWith(`${runtime} `), `asked for ${runtime}, got ${about}`);
  say(`   ${about.padEnd(14)} ${dim(`process ${plugin.pid}, ready in ${tookMs.toFixed(0)} ms`)}`);
  return plugin;
}

/** Each counts the words of one book, which it has the host read to it; all at the same time. */
async function countWords(plugins: readonly Plugin[]): Promise<void> {
  const titles = [...books.keys()];
  const lines = plugins.map(async (plugin, index) => {
    const book = titles[index]!;
    const words = await plugin.dispense(desk).countWords(book);
    calls++;
    assert.equal(words, books.get(book)?.split(" ").length);
    return `   ${plugin.name.padEnd(5)} counts ${words} words in ${book}`;
  });
  const answers = await Promise.all(lines);
  // Answers and logs take ways of their own; here the logs are to be read first.
  await logsArrive();
  for (const answer of answers) say(answer);
}

/** 64 calls in flight for a while: thousands of calls a second. */
async function race(plugin: Plugin): Promise<string> {
  const { echo } = plugin.dispense(desk);
  const untilMs = performance.now() + 300;
  let done = 0;
  const runner = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      assert.equal(await echo("ping"), "ping");
      done++;
    }
  };
  await Promise.all(Array.from({ length: 64 }, runner));
  calls += done;
  return `${Math.round(done / 300)},000 calls a second`;
}

async function kill(victim: Plugin): Promise<void> {
  const call = victim.dispense(desk).ponder();
  const outcome = call.then(
    () => assert.fail("a killed plugin cannot have answered"),
    (error: unknown) => error,
  );
  await logsArrive();
  await moment();
  say(`   ${bold(`kill -9 ${victim.pid}`)}`);
  process.kill(victim.pid!, "SIGKILL");
  const error = await outcome;
  assert.ok(error instanceof PluginError, `expected a PluginError, got ${error}`);
  assert.deepEqual([error.code, error.signal, error.execution], ["exited", "SIGKILL", "unknown"]);
  say(red(`   PluginError ${error.code}: ${error.message.replaceAll("\n", "\n   ")}`));
  calls++;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  const startedMs = performance.now();
  say(bold("One host, on Node; its plugins are processes, on Node, Deno and Bun"));

  await title("The host starts one plugin on each runtime");
  const plugins: Plugin[] = [];
  try {
    for (const runtime of runtimes) plugins.push(await start(runtime));
    const pids = plugins.map(({ pid }) => pid!);

    await title("It calls them, they call it back, and their logs come with their names");
    await countWords(plugins);

    await title("64 calls at once");
    for (const plugin of plugins) say(`   ${plugin.name.padEnd(5)} ${await race(plugin)}`);

    await title("One is killed in mid-call");
    const victim = plugins.pop()!;
    await kill(victim);
    await victim.stop();

    await title("The host and the others go on, and it starts another");
    await countWords(plugins);
    plugins.push(await start("bun"));
    pids.push(plugins.at(-1)!.pid!);

    await title("The host stops them");
    for (const plugin of plugins) {
      const { code, signal } = await plugin.stop();
      say(`   ${plugin.name.padEnd(5)} exited with code ${code}`);
      assert.deepEqual({ code, signal }, { code: 0, signal: null });
    }
    assert.deepEqual(pids.filter(isRunning), [], "processes were left behind");
  } finally {
    await Promise.all(plugins.map((plugin) => plugin.stop()));
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  await moment();
  say(
    green(
      `\nDone in ${seconds} s: ${calls.toLocaleString("en")} calls, ${callsOfHost} of the host, one crash, nothing left behind.`,
    ),
  );
}

try {
  await main();
} catch (error) {
  say(red(`\nThe demo failed: ${error instanceof Error ? error.stack : String(error)}`));
  process.exitCode = 1;
}
