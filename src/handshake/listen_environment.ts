import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Address, TlsOptions } from "../runtime/runtime.ts";
import { parseAddress, parseSecret } from "./network_address.ts";
import { ListenVariable, Variable } from "./variables.ts";

/** What an orchestrator says in the environment of a plugin. */
export interface ListenEnvironment {
  readonly address: Address;
  readonly secret: Uint8Array | undefined;
  readonly tls: TlsOptions | undefined;
  readonly insecure: boolean;
}

/** Reads what {@linkcode readListenEnvironment} is told of. */
export interface ListenReaders {
  readonly env: (name: string) => string | undefined;
  readonly readText: (path: string) => Promise<string>;
}

/**
 * Reads where an orchestrator wants a plugin to listen. PROTOCOL.md §2.9. An empty variable counts as absent.
 *
 * @returns `undefined` without `PLUGWIRE_LISTEN`.
 * @throws PluginError `bad_handshake` that names the variable; never with a secret.
 */
export async function readListenEnvironment(readers: ListenReaders): Promise<ListenEnvironment | undefined> {
  const read = (name: string): string | undefined => readers.env(name) || undefined;
  const listen = read(ListenVariable.listen);
  if (listen === undefined) return undefined;
  const file = async (name: string): Promise<string | undefined> => {
    const path = read(name);
    if (path === undefined) return undefined;
    try {
      return await readers.readText(path);
    } catch (error) {
      throw bad(`the file of ${name} cannot be read: ${PluginError.from(error).message}`, error);
    }
  };
  const [given, kept] = [read(Variable.secret), await file(ListenVariable.secretFile)];
  if (given !== undefined && kept !== undefined)
    throw bad(`${Variable.secret} and ${ListenVariable.secretFile} are both there, and one of them is enough`);
  const cert = await file(ListenVariable.tlsCertificateFile);
  const key = await file(ListenVariable.tlsKeyFile);
  const ca = await file(ListenVariable.tlsCaFile);
  const insecure = read(ListenVariable.insecure);
  if (insecure !== undefined && insecure !== "1") throw bad(`${ListenVariable.insecure} must be 1 or absent`);
  const name = given === undefined ? ListenVariable.secretFile : Variable.secret;
  try {
    return {
      address: parseAddress(listen, ListenVariable.listen, 0),
      secret: parseSecret(given ?? kept?.trim(), name),
      tls: cert === undefined && key === undefined && ca === undefined ? undefined : { cert, key, ca },
      insecure: insecure === "1",
    };
  } catch (error) {
    throw bad(PluginError.from(error).message, error);
  }
}

function bad(text: string, cause?: unknown): PluginError {
  return new PluginError(ErrorCode.badHandshake, `cannot read the environment: ${text}`, { cause });
}
