import { ErrorCode, PluginError } from "../errors/mod.ts";
import { quote } from "./_quote.ts";
import type { TransportName } from "./environment.ts";
import { DebugVariable, handshakeVariables } from "./variables.ts";

/** What {@linkcode denoPermissions} grants for. */
export interface DenoPermissionsOptions {
  /** Flags of the user, such as `--allow-read=/data`; Plugwire's own needs are added. `undefined`: `--allow-all`. */
  readonly permissions?: readonly string[];
  /** How the plugin is reached. */
  readonly transport: TransportName;
  /** The exact path of the plugin's socket, for `unix`. */
  readonly socketPath?: string;
  /** Name of the cookie's variable. */
  readonly cookieKey: string;
}

/**
 * The permission flags of a Deno plugin. Without flags of the user's it may do everything, as a plugin on Node or Bun
 * may. With them, it gets those and exactly what Plugwire itself needs: to read the variables of the handshake, and to
 * make, serve and remove its one socket.
 *
 * @throws TypeError when a flag is none, or the path of the socket is missing.
 * @throws PluginError `start_failed` when the path of the socket has a comma, which Deno's lists cannot express.
 */
export function denoPermissions(options: DenoPermissionsOptions): string[] {
  const { permissions } = options;
  if (permissions === undefined) return ["--allow-all"];
  const strange = permissions.find(
    (flag) => !/^(?:--(?:allow|deny|ignore)-[a-z-]+|-[ARWNESI]|--permission-set|-P)(?:=.*)?$/s.test(flag),
  );
  if (strange !== undefined) {
    throw new TypeError(
      `permissions must be Deno's permission flags, such as "--allow-read=/data", got ${quote(strange)}`,
    );
  }
  const given = new Set(permissions);
  if (given.has("--allow-all") || given.has("-A")) return [...permissions];
  // A list beside the bare flag would narrow it to that list.
  const added = needs(options).filter(({ bare }) => !bare.some((flag) => given.has(flag)));
  return [...permissions, ...added.map(({ bare, list }) => `${bare[0]}=${list.join(",")}`)];
}

interface Need {
  /** The flag without a list, long and short. */
  readonly bare: readonly [string, string];
  readonly list: readonly string[];
}

function needs({ transport, socketPath, cookieKey }: DenoPermissionsOptions): Need[] {
  const env: Need = { bare: ["--allow-env", "-E"], list: [cookieKey, ...handshakeVariables, DebugVariable.trace] };
  if (transport === "stdio") return [env];
  if (transport === "tcp") return [env, { bare: ["--allow-net", "-N"], list: ["127.0.0.1"] }];
  if (!socketPath) throw new TypeError("transport unix needs a socketPath");
  if (socketPath.includes(",")) {
    throw new PluginError(
      ErrorCode.startFailed,
      `cannot give a Deno plugin access to its socket ${quote(socketPath)}: the path has a comma, which separates ` +
        `paths in Deno's permissions; use a temporary directory without one, or allow all`,
    );
  }
  return [
    env,
    { bare: ["--allow-read", "-R"], list: [socketPath] },
    { bare: ["--allow-write", "-W"], list: [socketPath] },
    { bare: ["--allow-net", "-N"], list: [`unix:${socketPath}`] },
  ];
}
