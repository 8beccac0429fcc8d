import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import type { OpenTelemetry } from "./_api.ts";

const traceparentKey = "traceparent";
const tracestateKey = "tracestate";
/** Version, trace, span, flags; later versions may say more behind a dash. */
const traceparentPattern = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/**
 * Writes and reads `traceparent` and `tracestate` as W3C Trace Context has them. For programs that register no propagator of
 * their own: the one that OpenTelemetry has then does nothing.
 */
export function traceContextPropagator(api: OpenTelemetry): TextMapPropagator {
  const { trace, isSpanContextValid, createTraceState, TraceFlags } = api;
  return {
    fields: () => [traceparentKey, tracestateKey],
    inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
      const span = trace.getSpanContext(context);
      if (span === undefined || !isSpanContextValid(span)) return;
      const flags = (span.traceFlags & 0xff).toString(16).padStart(2, "0");
      setter.set(carrier, traceparentKey, `00-${span.traceId}-${span.spanId}-${flags}`);
      const state = span.traceState?.serialize();
      if (state) setter.set(carrier, tracestateKey, state);
    },
    extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
      const [traceparent] = [getter.get(carrier, traceparentKey)].flat();
      const match = traceparentPattern.exec(traceparent ?? "");
      if (match === null) return context;
      const [, version, traceId = "", spanId = "", flags = "", rest] = match;
      if (version === "00" && rest !== undefined) return context;
      const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
      const [state] = [getter.get(carrier, tracestateKey)].flat();
      const span = { traceId, spanId, traceFlags, isRemote: true };
      if (!isSpanContextValid(span)) return context;
      const traceState = state === undefined ? undefined : createTraceState(state);
      return trace.setSpanContext(context, traceState === undefined ? span : { ...span, traceState });
    },
  };
}
