import * as v from "valibot";
import type { Address } from "../runtime/runtime.ts";
import { secretBytes } from "./environment.ts";

/**
 * How to reach a plugin that outlives its host, and how to know it again: data alone, so that it can be kept as JSON. Whoever
 * has it can call the plugin and end it: keep it as you keep a password.
 */
export interface ReattachInfo {
  /** Version of this form: 1. */
  readonly plugwire: 1;
  /** What the plugin is called in logs and errors. */
  readonly name: string;
  /** Where it listens. */
  readonly address: Address;
  /** The secret that it shares with its hosts: 64 hexadecimal digits. `null` for a plugin without one. */
  readonly secret: string | null;
  /** The instance that its hello names. */
  readonly instance: string;
  /** Its process's number. */
  readonly pid: number;
  /** When that process began, as its system tells it: what sets it apart from others of that number. */
  readonly started: string;
  /** Where its output goes, and how much of that was delivered, in bytes; `null` when it goes to no files. */
  readonly output: ReattachOutput | null;
}

/** The output of a plugin that outlives its host. */
export interface ReattachOutput {
  /** The directory of the files, absolute. */
  readonly directory: string;
  /** Bytes of stdout that were delivered. */
  readonly stdout: number;
  /** Bytes of stderr that were delivered. */
  readonly stderr: number;
}

const absolute = v.pipe(
  v.string(),
  v.check((path) => path.startsWith("/") && !path.includes("\0"), "must be an absolute path"),
);
const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.object({
  plugwire: v.literal(1),
  name: v.pipe(v.string(), v.minLength(1)),
  address: v.variant("network", [
    v.object({ network: v.literal("unix"), path: absolute }),
    v.object({
      network: v.literal("tcp"),
      host: v.pipe(v.string(), v.minLength(1)),
      port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
    }),
  ]),
  secret: v.nullable(
    v.pipe(
      v.string(),
      v.check((text) => secretRule.test(text), `must be ${secretBytes * 2} hexadecimal digits`),
    ),
  ),
  instance: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  started: v.pipe(v.string(), v.minLength(1)),
  output: v.nullable(v.object({ directory: absolute, stdout: offset, stderr: offset })),
});
const secretRule = /^[0-9a-f]{64}$/i;

/**
 * Checks what is to be a {@linkcode ReattachInfo}, such as parsed JSON. Keys that it does not know are left out.
 *
 * @throws TypeError that names what is wrong; never with a value, among which the secret may be.
 */
export function parseReattachInfo(value: unknown): ReattachInfo {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output as ReattachInfo;
  const issue = result.issues[0];
  const path = issue.path?.map((item) => String(item.key)).join(".") ?? "";
  const rule = issue.message.replace(/ but received .*/s, "");
  throw new TypeError(`this is no reattach info: wrong at ${path || "its root"}: ${rule}`);
}

/** The secret as bytes. */
export function reattachSecret({ secret }: ReattachInfo): Uint8Array | undefined {
  return secret === null ? undefined : secretOf(secret);
}

/** The bytes of a secret that was written in hexadecimal digits. */
export function secretOf(secret: string): Uint8Array {
  return Uint8Array.from({ length: secretBytes }, (_, at) => Number.parseInt(secret.slice(2 * at, 2 * at + 2), 16));
}
