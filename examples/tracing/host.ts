import { launch } from "@plugwire/plugwire";
import { tracing } from "@plugwire/plugwire/otel";
import { kitchen, pantry, type Span } from "./contracts.ts";
import { endedSpans, tracerProvider } from "./traces.ts";

let onions = 3;
const stock = pantry.implement({
  take(what) {
    if (onions === 0) throw new RangeError(`no ${what} left`);
    const taken = onions;
    onions = 0;
    return taken;
  },
});

await using plugin = await launch(new URL("./plugin.ts", import.meta.url), {
  provide: [stock],
  interceptors: [await tracing({ tracerProvider })],
});
const cook = plugin.dispense(kitchen);

await tracerProvider.getTracer("host").startActiveSpan("lunch", async (span) => {
  console.log(await cook.cook("soup"));
  await cook.cook("pie").catch((error) => console.log(String(error)));
  span.end();
});

const spans = [...endedSpans("host"), ...(await cook.spans())];
const show = (span: Span, indent: string): void => {
  console.log(`${indent}${span.name} (${span.where})${span.failed ? " failed" : ""}`);
  for (const child of spans) if (child.parent === span.id) show(child, `${indent}  `);
};
for (const span of spans) if (span.name === "lunch") show(span, "");
