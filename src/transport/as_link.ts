import { shownValue } from "../errors/check_options.ts";
import type { Duplex } from "./duplex.ts";
import type { Link } from "./link.ts";
import { linkFromDuplex } from "./link_from_duplex.ts";

const methods = ["start", "write", "end", "destroy", "pause", "resume"] as const;

/**
 * The link of a connection that a program without types may have got wrong.
 *
 * @param what What the connection is for: `what to attach to`.
 * @param forms What it may be.
 * @throws TypeError when it is neither two streams nor a link, or when a stream is locked.
 */
export function asLink(connection: Duplex | Link, what: string, forms = "{ readable, writable } or a link"): Link {
  if (isDuplex(connection)) return linkFromDuplex(connection);
  if (isLink(connection)) return connection;
  const then = typeof field(connection, "then") === "function" ? "a promise, which has to be awaited" : undefined;
  throw new TypeError(`${what} must be ${forms}, not ${then ?? shownValue(connection)}`);
}

function isDuplex(value: unknown): value is Duplex {
  return hasMethod(field(value, "readable"), "getReader") && hasMethod(field(value, "writable"), "getWriter");
}

function isLink(value: unknown): value is Link {
  return methods.every((name) => hasMethod(value, name));
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof field(value, name) === "function";
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
