import { debugVariables, handshakeVariables, listenVariables } from "./variables.ts";

/** The variable that tells a program that a host started it, and the value it must have. */
export interface Cookie {
  readonly key: string;
  readonly value: string;
}

/** What both sides agree on before they speak; the two must be the same in the host and in the plugin. */
export interface HandshakeOptions {
  /** Name of the environment variable. Default `PLUGWIRE_PLUGIN`. */
  readonly cookieKey?: string;
  /** Its value: any text, as a rule a UUID. It tells programs apart and protects nothing. Default a fixed UUID. */
  readonly cookieValue?: string;
}

/** The cookie of hosts and plugins that set none. */
export const defaultCookie: Cookie = { key: "PLUGWIRE_PLUGIN", value: "6a1f2c4e-8d0b-4f57-9c3e-5b7a90d1e2f4" };

/**
 * The cookie that options ask for.
 *
 * @param options As given to `launch` and `serve`.
 * @throws TypeError when a name or value cannot stand in an environment.
 */
export function cookieFrom(options: HandshakeOptions = {}): Cookie {
  const { cookieKey: key = defaultCookie.key, cookieValue: value = defaultCookie.value } = options;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
    throw new TypeError(`handshake.cookieKey must be letters, digits and underscores, got ${JSON.stringify(key)}`);
  }
  if ([...handshakeVariables, ...debugVariables, ...listenVariables].includes(key)) {
    throw new TypeError(`handshake.cookieKey must not be a variable of the handshake itself, got ${key}`);
  }
  if (value === "" || value.includes("\0")) {
    throw new TypeError(`handshake.cookieValue must be text without NUL and not empty, got ${JSON.stringify(value)}`);
  }
  return { key, value };
}

/**
 * Tells whether a host started this process.
 *
 * @param get Reads a variable of the environment.
 * @param cookie What the plugin expects.
 * @returns `"absent"` when started by hand, `"different"` when the host of another kind of plugin started it.
 */
export function checkCookie(
  get: (name: string) => string | undefined,
  cookie: Cookie,
): "match" | "absent" | "different" {
  const value = get(cookie.key);
  if (value === undefined || value === "") return "absent";
  return value === cookie.value ? "match" : "different";
}
