import type { PluginError } from "../errors/mod.ts";

/** The end of a plugin's stderr as the end of a message. */
export function stderrEnd(tail: string): string {
  return tail === "" ? "; it wrote nothing to stderr" : `; its stderr ended:\n${tail.replace(/^/gm, "  ")}`;
}

/** The message of an error for whoever has seen the plugin's stderr already: what {@linkcode stderrEnd} added is left out. */
export function messageWithoutStderr({ message, stderr = "" }: PluginError): string {
  return stderr === "" ? message : message.replace(stderrEnd(stderr), () => "; its stderr is above");
}
