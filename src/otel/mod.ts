/**
 * Traces calls with OpenTelemetry, across host and plugins. Needs the package `@opentelemetry/api`.
 *
 * @example
 * ```ts
 * import { tracing } from "@plugwire/plugwire/otel";
 * const interceptors = [await tracing()];
 * ```
 *
 * @module
 */
export { type TracingOptions, tracing } from "./tracing.ts";
