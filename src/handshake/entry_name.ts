import { type EntryPathOptions, entryPath, isScript, nameOf } from "./entry_path.ts";

/**
 * What a plugin is called that was named so, unless it is given a name.
 *
 * @param entry A path, a URL or a whole command.
 * @throws TypeError for what cannot be one.
 */
export function entryName(entry: string | URL | readonly string[], options: EntryPathOptions): string {
  if (typeof entry === "string" || entry instanceof URL) return nameOf(entryPath(entry, options).path);
  return nameOf(entry.slice(1).find(isScript) ?? entry[0] ?? "");
}
