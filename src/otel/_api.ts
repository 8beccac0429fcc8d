import { ErrorCode, PluginError } from "../errors/mod.ts";

/** The API package of OpenTelemetry. */
export type OpenTelemetry = typeof import("@opentelemetry/api");

/**
 * Loads it: an optional peer, which who does without tracing need not install.
 *
 * @throws PluginError `not_found` that says what to install.
 */
export async function loadApi(
  load: () => Promise<OpenTelemetry> = () => import("@opentelemetry/api"),
): Promise<OpenTelemetry> {
  try {
    return await load();
  } catch (cause) {
    const text =
      "tracing() needs the package @opentelemetry/api, which could not be loaded; install it beside Plugwire: npm install @opentelemetry/api (with Deno: deno add npm:@opentelemetry/api)";
    throw new PluginError(ErrorCode.notFound, text, { cause });
  }
}
