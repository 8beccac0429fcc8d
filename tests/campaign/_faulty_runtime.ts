import { detectRuntime } from "../../src/runtime/detect.ts";
import type { ChildProcess, Runtime } from "../../src/runtime/runtime.ts";
import type { Link } from "../../src/transport/mod.ts";

/** What a fault has to do with a launch. */
export interface Meddling {
  /** The process is there. */
  started?(child: ChildProcess): void;
  /** The directory of the socket is made. */
  directory?(path: string): void;
  /** Stands in place of a link to the plugin: its socket, or its stdin and stdout. */
  link?(link: Link): Link;
}

/** This runtime, with a fault in it. */
export async function faultyRuntime(meddling: Meddling): Promise<Runtime> {
  const runtime = await detectRuntime();
  const through = (link: Link): Link => meddling.link?.(link) ?? link;
  const own: Partial<Runtime> = {
    async spawn(options) {
      const child = await runtime.spawn(options);
      meddling.started?.(child);
      const stdio = child.stdio === undefined ? undefined : through(child.stdio);
      return withOwn(child, { stdio });
    },
    async makePrivateDirectory(prefix, parent) {
      const path = await runtime.makePrivateDirectory(prefix, parent);
      meddling.directory?.(path);
      return path;
    },
    connect: async (address, options) => through(await runtime.connect(address, options)),
  };
  return withOwn(runtime, own);
}

/** An object with some of its members replaced. Those left are called on the object itself, which may keep things private. */
function withOwn<T extends object>(object: T, own: Partial<T>): T {
  return new Proxy(object, {
    get(_, key) {
      if (key in own) return own[key as keyof T];
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === "function" ? value.bind(object) : value;
    },
  });
}
