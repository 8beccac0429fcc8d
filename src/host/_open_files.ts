import { PluginError } from "../errors/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { Interceptor } from "../rpc/mod.ts";
import { describeExceeded, saysTooManyFiles } from "./_exceeded.ts";
import type { LaunchOptions } from "./options.ts";

/** The options with what explains an error of the plugin that its limit of open files is the reason of. */
export function explainingOpenFiles(options: LaunchOptions, log: Logger): LaunchOptions {
  const openFiles = options.resources?.openFiles;
  if (openFiles === undefined) return options;
  return { ...options, interceptors: [explainOpenFiles(openFiles, log), ...(options.interceptors ?? [])] };
}

/**
 * Says of what a plugin with a limit of open files throws for the lack of them that it is this limit: in the error, and
 * once in the log.
 */
function explainOpenFiles(openFiles: number, log: Logger): Interceptor {
  let isLogged = false;
  const why = describeExceeded("openFiles", { openFiles });
  return async (call, next) => {
    try {
      return await next();
    } catch (error) {
      const isTheirs = call.direction === "out" && error instanceof Error && !(error instanceof PluginError);
      if (!isTheirs || !saysTooManyFiles(error)) throw error;
      if (!isLogged) log.warn(`the plugin cannot open any more files: ${why}`, { openFiles });
      isLogged = true;
      // The error was made for this call alone.
      if (Object.getOwnPropertyDescriptor(error, "message")?.writable === true) error.message += `; ${why}`;
      throw error;
    }
  };
}
