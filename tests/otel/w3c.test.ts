import assert from "node:assert/strict";
import { it } from "node:test";
import * as api from "@opentelemetry/api";
import { traceContextPropagator } from "../../src/otel/_w3c.ts";

const propagator = traceContextPropagator(api);
const { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT, trace } = api;
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

function extract(carrier: object): api.SpanContext | undefined {
  return trace.getSpanContext(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
}

it("writes what it reads", () => {
  const traceState = api.createTraceState("vendor=1,other=2");
  const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, traceState });
  const carrier: Record<string, string> = {};
  propagator.inject(context, carrier, defaultTextMapSetter);
  assert.deepEqual(carrier, { traceparent: `00-${traceId}-${spanId}-01`, tracestate: "vendor=1,other=2" });
  const { traceState: read, ...span } = extract(carrier)!;
  assert.deepEqual(span, { traceId, spanId, traceFlags: 1, isRemote: true });
  assert.equal(read?.serialize(), "vendor=1,other=2");
});

it("writes nothing where there is no span", () => {
  const carrier = {};
  propagator.inject(ROOT_CONTEXT, carrier, defaultTextMapSetter);
  assert.deepEqual(carrier, {});
});

it("takes later versions that say more, and of the flags only those it knows", () => {
  assert.equal(extract({ traceparent: `01-${traceId}-${spanId}-01-more` })?.spanId, spanId);
  assert.equal(extract({ traceparent: `00-${traceId}-${spanId}-ff` })?.traceFlags, 1);
});

for (const traceparent of [
  "",
  "nonsense",
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId}-${spanId}`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
]) {
  it(`takes no ${JSON.stringify(traceparent)} for a span`, () => assert.equal(extract({ traceparent }), undefined));
}

it("takes nothing else than text", () => assert.equal(extract({ traceparent: { length: 55 } }), undefined));
