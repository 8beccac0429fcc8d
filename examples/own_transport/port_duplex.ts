import type { MessagePort } from "node:worker_threads";
import type { Duplex } from "@plugwire/plugwire";

/** A message port as Web Streams of bytes. An empty message stands for the end, which ports have no word for. */
export function portDuplex(port: MessagePort): Duplex {
  const send = (bytes: Uint8Array): void => port.postMessage(bytes);
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      port.on("message", (bytes: Uint8Array) => {
        if (bytes.length > 0) return controller.enqueue(bytes);
        controller.close();
        port.close();
      });
    },
    cancel: () => port.close(),
  });
  const writable = new WritableStream<Uint8Array>({
    write: (bytes) => send(bytes),
    close: () => send(new Uint8Array(0)),
    abort: () => port.close(),
  });
  return { readable, writable };
}
