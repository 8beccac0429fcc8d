import { contract } from "@plugwire/plugwire";

/** By types alone: a signal may stand anywhere in the arguments. */
export interface Builder {
  build(target: string, options: { signal: AbortSignal }): Promise<string>;
  /** Says what the plugin does, while it does it. */
  log(): AsyncIterable<string>;
}

/** What the host does for the plugin. */
export interface Tools {
  compile(file: string): Promise<string>;
}

export const builder = contract<Builder>("builder");
export const tools = contract<Tools>("tools");
