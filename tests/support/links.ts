import { detectRuntime } from "../../src/runtime/detect.ts";
import type { Duplex, Link } from "../../src/transport/mod.ts";
import { duplexFromLink, linkFromDuplex, linkFromPort, memoryLinks } from "../../src/transport/mod.ts";

/** One way to get two links that are joined. */
export interface LinkKind {
  readonly name: string;
  make(): Promise<[Link, Link]>;
}

/** Every kind of link: suites of behaviour run over all of them. */
export const linkKinds: readonly LinkKind[] = [
  { name: "memory", make: async () => memoryLinks() },
  {
    name: "web streams",
    make: async () => {
      const [left, right] = memoryDuplexes();
      return [linkFromDuplex(left, "left"), linkFromDuplex(right, "right")];
    },
  },
  {
    name: "a link as web streams as a link",
    make: async () => {
      const [left, right] = memoryLinks();
      return [linkFromDuplex(duplexFromLink(left), "left"), linkFromDuplex(duplexFromLink(right), "right")];
    },
  },
  {
    name: "a message channel",
    make: async () => {
      const { port1, port2 } = new MessageChannel();
      return [linkFromPort(port1, "left"), linkFromPort(port2, "right")];
    },
  },
  { name: "unix socket", make: unixLinks },
];

/** Two duplexes made of a `TransformStream` each way. */
export function memoryDuplexes(): [Duplex, Duplex] {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

async function unixLinks(): Promise<[Link, Link]> {
  const runtime = await detectRuntime();
  const directory = await runtime.makePrivateDirectory("plugwire-links-");
  const accepted = Promise.withResolvers<Link>();
  const listener = await runtime.listen({ network: "unix", path: `${directory}/s` }, accepted.resolve);
  try {
    return [await runtime.connect(listener.address), await accepted.promise];
  } finally {
    await listener.close();
    await runtime.remove(directory);
  }
}
