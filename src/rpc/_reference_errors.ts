import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { ImportEnd } from "../references/mod.ts";
import type { Imported } from "./imported.ts";

const reasons: Readonly<Record<ImportEnd, string>> = {
  returned:
    "the call that it was lent to is over; what is to be used afterwards must be kept with retain(reference), or by a method that keeps",
  disposed: "it was disposed of",
  unclaimed: "nobody awaited the call that gave it, so it was let go of; await the call, then use what it gives",
};

/** For the use of a reference that has ended. @param name What it is called. */
export function endedError(imported: Imported, name: string): PluginError {
  return endError(imported.entry.end ?? "disposed", name);
}

/** The same, for who knows how it ended. */
export function endError(end: ImportEnd, name: string): PluginError {
  const text = `${name} cannot be used any more: ${reasons[end]}`;
  return new PluginError(ErrorCode.closed, text, { execution: "none" });
}
