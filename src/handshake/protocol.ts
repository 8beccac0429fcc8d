import { ErrorCode, PluginError } from "../errors/mod.ts";
import { quote } from "./_quote.ts";
import { plugwireProtocol } from "./line.ts";

/**
 * Chooses the protocol a plugin answers with.
 *
 * @param hostProtocols The host's, the best first; `undefined` when it did not say: then the plugin's first is taken.
 * @param pluginProtocols The plugin's. Default `["plugwire"]`.
 * @throws PluginError `unsupported_protocol` with both lists.
 */
export function chooseProtocol(
  hostProtocols: readonly string[] | undefined,
  pluginProtocols: readonly string[] = [plugwireProtocol],
): string {
  if (pluginProtocols.length === 0) throw new RangeError("a plugin must speak at least one protocol");
  if (hostProtocols === undefined) return pluginProtocols[0]!;
  const chosen = hostProtocols.find((name) => pluginProtocols.includes(name));
  if (chosen !== undefined) return chosen;
  throw new PluginError(
    ErrorCode.unsupportedProtocol,
    `host and plugin share no protocol: the host speaks ${hostProtocols.map(quote).join(", ")}, ` +
      `the plugin ${pluginProtocols.map(quote).join(", ")}`,
  );
}
