import { launch } from "@plugwire/plugwire";
import { TextDelimiterStream, TextLineStream } from "@std/streams";
import { counter } from "./counter.ts";

// A plugin's raw output goes into any WritableStream of bytes; from its other end on it is Web Streams.
const bytes = new TransformStream<Uint8Array, Uint8Array>();
const lines = bytes.readable
  .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
  .pipeThrough(new TextLineStream());

const plugin = await launch(new URL("./plugin.ts", import.meta.url), { stdout: bytes.writable });
const done = plugin.dispense(counter).count(3);
let rows = 0;
for await (const line of lines) {
  const [kind, n, square] = await Array.fromAsync(
    ReadableStream.from([line]).pipeThrough(new TextDelimiterStream(";")),
  );
  if (kind !== "row") continue;
  console.log(`${n} squared is ${square}`);
  if (++rows === 3) break;
}
await done;
await plugin.stop();
