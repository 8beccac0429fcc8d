import { ErrorCode, PluginError } from "../errors/mod.ts";
import {
  addressFields,
  coreVersion,
  formatLine,
  type HandshakeLine,
  type PluginEnvironment,
  plugwireProtocol,
  socketFileName,
} from "../handshake/mod.ts";
import type { Address, Listener, Runtime } from "../runtime/runtime.ts";
import type { Link } from "../transport/mod.ts";

/** Where a plugin waits for its host. */
export interface Door {
  /** The fields of the line that say where it is. */
  readonly line: Pick<HandshakeLine, "network" | "address">;
  /** Takes no more connections, and removes what of it is in the file system. */
  close(): Promise<void>;
  /** Removes the directory that the host made for this plugin: there is no host that would. */
  removeDirectory(): Promise<void>;
  /** The same at the very end of the process. */
  closeNow(): void;
}

const nothing = async (): Promise<void> => {};

/** Opens the door that the host asked for. */
export async function openDoor(runtime: Runtime, told: PluginEnvironment, onLink: (link: Link) => void): Promise<Door> {
  if (told.transport === "stdio")
    return { line: addressFields(undefined), close: nothing, removeDirectory: nothing, closeNow: () => {} };
  if (told.transport === "tcp") return await openTcp(runtime, told, onLink);
  const given = told.socketDirectory;
  const directory = given ?? (await runtime.makePrivateDirectory("plugwire-"));
  // A directory of go-plugin's is shared by its plugins; ours is made for this one alone.
  const name =
    told.host === undefined && given !== undefined ? `plugwire-${crypto.randomUUID().slice(0, 8)}` : socketFileName;
  const path = `${directory}/${name}`;
  const leftover = given === undefined ? directory : path;
  let listener: Listener;
  try {
    listener = await runtime.listen({ network: "unix", path }, onLink);
  } catch (error) {
    runtime.removeNow(leftover);
    throw error;
  }
  return {
    line: addressFields({ network: "unix", path }),
    close: async () => {
      await listener.close();
      if (given === undefined) await runtime.remove(directory);
    },
    removeDirectory: async () => {
      if (told.host === undefined || given === undefined) return;
      // A sandboxed plugin may remove its socket alone; a later host sweeps.
      await runtime.remove(directory).catch(() => {});
    },
    closeNow: () => runtime.removeNow(leftover),
  };
}

async function openTcp(runtime: Runtime, told: PluginEnvironment, onLink: (link: Link) => void): Promise<Door> {
  if (told.secret === undefined) {
    throw new PluginError(
      ErrorCode.badHandshake,
      "transport tcp is refused without a secret: anybody on this machine could connect",
    );
  }
  const { min, max } = told.ports ?? { min: 0, max: 0 };
  for (let port = min; ; port++) {
    try {
      const listener = await runtime.listen({ network: "tcp", host: "127.0.0.1", port }, onLink);
      const address: Address = listener.address;
      return {
        line: addressFields(address),
        close: () => listener.close(),
        removeDirectory: nothing,
        closeNow: () => {},
      };
    } catch (error) {
      if (port >= max) throw error;
    }
  }
}

/** The handshake line of a plugin. */
export function doorLine(door: Door, version: number): string {
  return formatLine({ core: coreVersion, version, ...door.line, protocol: plugwireProtocol });
}
