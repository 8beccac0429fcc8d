import { serve } from "@plugwire/plugwire";
import { tracing } from "@plugwire/plugwire/otel";
import { kitchen, pantry } from "./contracts.ts";
import { endedSpans, tracerProvider } from "./traces.ts";

const tracer = tracerProvider.getTracer("kitchen");

const implementation = kitchen.implement((host) => {
  const stock = host.dispense(pantry);
  return {
    cook: (dish) =>
      tracer.startActiveSpan("find a pan", async (span) => {
        try {
          return `${dish} with ${await stock.take("onion")} onions`;
        } finally {
          span.end();
        }
      }),
    spans: () => endedSpans("plugin"),
  };
});

await serve({ versions: { 1: [implementation] }, interceptors: [await tracing({ tracerProvider })] });
