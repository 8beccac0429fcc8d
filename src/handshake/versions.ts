import { ErrorCode, PluginError } from "../errors/mod.ts";

/** Largest protocol version, so that every language's plain integer holds it. */
export const maxVersion = 2_147_483_647;

/** Tells whether a number can be a protocol version: a whole number from 1 to {@linkcode maxVersion}. */
export function isVersion(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= maxVersion;
}

/**
 * Puts a list of protocol versions in order.
 *
 * @param versions What this side's own program says it speaks.
 * @returns The same versions, lowest first, each once.
 * @throws RangeError when the list is empty or one is no whole number from 1 to {@linkcode maxVersion}.
 */
export function checkVersions(versions: Iterable<number>): number[] {
  const list = [...new Set(versions)].sort((a, b) => a - b);
  if (list.length === 0) throw new RangeError("versions must name at least one protocol version");
  const wrong = list.find((version) => !isVersion(version));
  if (wrong !== undefined) {
    throw new RangeError(`a protocol version must be a whole number from 1 to ${maxVersion}, got ${wrong}`);
  }
  return list;
}

/**
 * Chooses the highest protocol version that both sides speak. PROTOCOL.md §2.5.
 *
 * @param hostVersions The host's; `undefined` when it sent no list, as hosts of old do: then the plugin's lowest is taken.
 * @param pluginVersions The plugin's; `undefined` when it keeps no list: then the host's lowest is taken. Without both, 1.
 * @throws PluginError `no_common_version`, with both lists.
 * @throws RangeError when a list is empty or holds what is no version.
 *
 * @example
 * ```ts
 * import { chooseVersion } from "./versions.ts";
 * console.log(chooseVersion([1, 2, 3], [2, 3, 4])); // 3
 * ```
 */
export function chooseVersion(
  hostVersions: readonly number[] | undefined,
  pluginVersions: readonly number[] | undefined,
): number {
  const host = hostVersions && checkVersions(hostVersions);
  const plugin = pluginVersions && checkVersions(pluginVersions);
  if (host === undefined || plugin === undefined) return plugin?.[0] ?? host?.[0] ?? 1;
  const highest = plugin.findLast((version) => host.includes(version));
  if (highest === undefined) throw noCommonVersion(host, plugin);
  return highest;
}

/**
 * The version a plugin writes into its line: the highest common one, or its own lowest when there is none. The host
 * then refuses it, and it is the host whose user reads the message.
 *
 * @param hostVersions As received, possibly with versions that no Plugwire plugin can have; `undefined` when no list came.
 * @param pluginVersions The plugin's own.
 * @throws RangeError when the plugin's own list is empty or holds what is no version.
 */
export function versionForLine(hostVersions: readonly number[] | undefined, pluginVersions: readonly number[]): number {
  const plugin = checkVersions(pluginVersions);
  return plugin.findLast((version) => hostVersions?.includes(version)) ?? plugin[0]!;
}

/**
 * The host's reading of the version in a plugin's hello. PROTOCOL.md §2.5.
 *
 * @param said The hello's `version` and `versions`, each `undefined` where the plugin says nothing of it, and the plugin's name.
 * @param hostVersions The host's own.
 * @param lineVersion The version in the plugin's line, where there was one.
 * @returns The version that host and plugin speak.
 * @throws PluginError `no_common_version`, with both lists.
 */
export function agreedVersion(
  said: { readonly version?: number | null; readonly versions?: readonly number[]; readonly name?: string },
  hostVersions: readonly number[],
  lineVersion = 1,
): number {
  const { version, versions } = said;
  if (version !== undefined) return acceptVersion(version, hostVersions, said);
  const highest = versions && versionForLine(hostVersions, versions);
  return acceptVersion(highest ?? lineVersion, hostVersions, said);
}

/**
 * The host's check of the version that a plugin chose.
 *
 * @param version The choice; `null` when it found none.
 * @param hostVersions The host's own.
 * @param plugin The plugin's list and name, as far as they are known.
 * @returns The same version.
 * @throws PluginError `no_common_version`, with both lists.
 */
export function acceptVersion(
  version: number | null,
  hostVersions: readonly number[],
  plugin: { readonly name?: string; readonly versions?: readonly number[] } = {},
): number {
  const host = checkVersions(hostVersions);
  if (version !== null && host.includes(version)) return version;
  throw noCommonVersion(host, plugin.versions ?? (version === null ? [] : [version]), plugin.name);
}

function noCommonVersion(
  hostVersions: readonly number[],
  pluginVersions: readonly number[],
  plugin?: string,
): PluginError {
  const who = plugin === undefined ? "plugin" : `plugin ${plugin}`;
  return new PluginError(
    ErrorCode.noCommonVersion,
    `host and ${who} share no protocol version: the host speaks ${hostVersions.join(", ")}, ` +
      `the plugin ${pluginVersions.join(", ")}; update the one with the lower versions`,
    { plugin, hostVersions, pluginVersions, execution: "none" },
  );
}
