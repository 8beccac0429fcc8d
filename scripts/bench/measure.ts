// Runs cases in the runtime that runs this, and prints each figure as a line of JSON. Argument: JSON of the cases and the effort.
import { measureByteStream } from "./cases/byte_stream.ts";
import { measureCalls } from "./cases/calls.ts";
import { measureFeatures } from "./cases/features.ts";
import { measureStreams } from "./cases/streams.ts";
import type { CaseName, Effort, Result } from "./lib/result.ts";

const { cases, effort } = JSON.parse(process.argv[2] ?? "") as { cases: CaseName[]; effort: Effort };
const wanted = new Set(cases);
const print = (results: readonly Result[]): void => {
  for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
};

if (cases.some((name) => name.startsWith("call"))) print(await measureCalls(wanted, effort));
if (wanted.has("byte_stream")) print(await measureByteStream(effort));
if (cases.some((name) => name.startsWith("stream_"))) print(await measureStreams(wanted, effort));
if (cases.some((name) => /^(validated|callback|pipelined)_/.test(name))) print(await measureFeatures(wanted, effort));
// Loaded where they are wanted: the package has to have been built for the one.
if (wanted.has("launch_first_reply")) print(await (await import("./cases/launch.ts")).measureLaunch(effort));
if (wanted.has("idle_plugin_heap")) print(await (await import("./cases/idle_heap.ts")).measureIdleHeap(effort));
process.exit(0);
