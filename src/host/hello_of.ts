import type { Hello } from "../hello/mod.ts";
import type { Plugin } from "./plugin.ts";

const hellos = new WeakMap<object, Hello>();

/** Keeps the hello that a plugin said. */
export function keepHello(plugin: Plugin, hello: Hello): void {
  hellos.set(plugin, hello);
}

/**
 * All that a plugin said of itself, for tools.
 *
 * @throws TypeError for what is no plugin of this copy of the package.
 */
export function helloOf(plugin: Plugin): Hello {
  const hello = hellos.get(plugin);
  if (hello === undefined) throw new TypeError("helloOf takes what launch, attach and inProcess give");
  return hello;
}
