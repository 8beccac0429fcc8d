import { launch } from "@plugwire/plugwire";
import { TextDelimiterStream, TextLineStream } from "@std/streams";
import { counter } from "./counter.ts";

// A plugin's raw output goes into any WritableStream of bytes; from its other end on it is Web Streams.
const bytes = new TransformStream<Uint8Array, Uint8Array>();
const lines = bytes.readable
  .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
  .pipeThrough(new TextLineStream());

async function count(): Promise<void> {
  await using plugin = await launch(new URL("./plugin.ts", import.meta.url), { stdout: bytes.writable });
  await plugin.dispense(counter).count(3);
}

// Plugwire lets go of the stream when the plugin has stopped, and leaves it to its owner to close it.
const counted = count().then(() => bytes.writable.close());
for await (const line of lines) {
  const [kind, n, square] = await Array.fromAsync(
    ReadableStream.from([line]).pipeThrough(new TextDelimiterStream(";")),
  );
  if (kind === "row") console.log(`${n} squared is ${square}`);
}
await counted;
