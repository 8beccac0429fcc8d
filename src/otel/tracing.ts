import type { Attributes, Context, Span, TextMapPropagator, Tracer, TracerProvider } from "@opentelemetry/api";
import { PluginError } from "../errors/mod.ts";
import { packageVersion } from "../hello/mod.ts";
import type { InterceptedCall, Interceptor } from "../rpc/mod.ts";
import { loadApi, type OpenTelemetry } from "./_api.ts";
import { traceContextPropagator } from "./_w3c.ts";

/** Options of {@linkcode tracing}. */
export interface TracingOptions {
  /** Makes the spans. Default: the provider that the program has registered. */
  readonly tracerProvider?: TracerProvider;
  /**
   * Carries the trace in a call's metadata. Default: the propagator that the program has registered; where there is none,
   * `traceparent` and `tracestate` of W3C Trace Context.
   */
  readonly propagator?: TextMapPropagator;
}

/**
 * Makes an interceptor that traces calls with OpenTelemetry: a client span around each call that is made, a server span around each
 * that is answered, one the child of the other across the processes. Give it to both sides, each with a provider of its own.
 *
 * - Spans are called `contract/method`, and have the attributes of OpenTelemetry's conventions for RPC: `rpc.system.name` is
 *   `plugwire`, `rpc.method` as the span, `server.address` the plugin's name, `error.type` the code or class of what was thrown;
 *   and `rpc.system`, `rpc.service` for what still reads the older ones.
 * - A call that fails sets the status and is recorded as an exception.
 * - The server span is active in the implementation, so that spans made there and calls back are its children. That takes a context
 *   manager, which the setup of an SDK registers.
 *
 * Put it first in the list, so that its spans have all that the other interceptors do.
 *
 * @param options Provider and propagator; by default what the program has registered with `@opentelemetry/api`.
 * @throws PluginError `not_found` when `@opentelemetry/api`, which is an optional peer dependency, is not installed.
 *
 * @example
 * ```ts
 * import { contract, inProcess } from "@plugwire/plugwire";
 * import { tracing } from "@plugwire/plugwire/otel";
 * const greeter = contract<{ greet(name: string): string }>("greeter");
 * const served = greeter.implement({ greet: (name) => `Hello, ${name}!` });
 * await using plugin = await inProcess([served], { interceptors: [await tracing()] });
 * await plugin.dispense(greeter).greet("World");
 * ```
 */
export async function tracing(options: TracingOptions = {}): Promise<Interceptor> {
  const api = await loadApi();
  const provider = options.tracerProvider ?? api.trace.getTracerProvider();
  const tracer = provider.getTracer("@plugwire/plugwire", packageVersion);
  const ownPropagator = traceContextPropagator(api);
  // What is registered may be registered later than this is made.
  const propagator = (): TextMapPropagator =>
    options.propagator ?? (api.propagation.fields().length > 0 ? api.propagation : ownPropagator);
  const { SpanKind, ROOT_CONTEXT, context, trace } = api;
  return (call, next) => {
    const name = call.method === "" ? call.contract : `${call.contract}/${call.method}`;
    if (call.direction === "out") {
      const around = context.active();
      const span = startSpan(tracer, name, SpanKind.CLIENT, call, around);
      const inside = trace.setSpan(around, span);
      propagator().inject(inside, call.metadata, { set: setText });
      return follow(api, span, inside, next);
    }
    // Not what is active: that belongs to whatever the frame happened to arrive in.
    const around = propagator().extract(ROOT_CONTEXT, call.metadata, { get: getText, keys: Object.keys });
    const span = startSpan(tracer, name, SpanKind.SERVER, call, around);
    return follow(api, span, trace.setSpan(around, span), next);
  };
}

function startSpan(tracer: Tracer, name: string, kind: number, call: InterceptedCall, around: Context): Span {
  const attributes: Attributes = {
    "rpc.system.name": "plugwire",
    "rpc.method": name,
    // Of the conventions before they were stable.
    "rpc.system": "plugwire",
    "rpc.service": call.contract,
  };
  if (call.direction === "out" && call.plugin !== undefined) attributes["server.address"] = call.plugin;
  return tracer.startSpan(name, { kind, attributes }, around);
}

/** Runs a call with its span active, and ends it with what came of it. */
async function follow(api: OpenTelemetry, span: Span, inside: Context, next: () => Promise<unknown>): Promise<unknown> {
  try {
    return await api.context.with(inside, next);
  } catch (error) {
    fail(api, span, error);
    throw error;
  } finally {
    span.end();
  }
}

function fail(api: OpenTelemetry, span: Span, error: unknown): void {
  try {
    const isError = error instanceof Error;
    const message = isError ? error.message : String(error);
    span.setStatus({ code: api.SpanStatusCode.ERROR, message });
    span.setAttribute("error.type", isError ? typeOf(error) : "_OTHER");
    if (error instanceof PluginError) span.setAttribute("rpc.response.status_code", error.code);
    span.recordException(isError ? error : message);
  } catch {
    // What was thrown may throw in its turn when it is looked at; tracing must not change what a call ends with.
    span.setStatus({ code: api.SpanStatusCode.ERROR });
  }
}

function typeOf(error: Error & { readonly code?: unknown }): string {
  return typeof error.code === "string" && error.code !== "" ? error.code : error.name;
}

function setText(carrier: unknown, key: string, value: string): void {
  (carrier as Record<string, unknown>)[key] = value;
}

function getText(carrier: unknown, key: string): string | undefined {
  const value = (carrier as Readonly<Record<string, unknown>>)[key];
  return typeof value === "string" ? value : undefined;
}
