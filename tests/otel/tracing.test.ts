import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { contract, inProcess, launch, type Plugin, PluginError, withOptions } from "../../mod.ts";
import { loadApi } from "../../src/otel/_api.ts";
import { tracing } from "../../src/otel/mod.ts";
import { shop, stock, type ToldSpan } from "../fixtures/otel/contracts.ts";
import { makeShop } from "../fixtures/otel/served.ts";
import { activeSpanId, followContext, keepSpans } from "../fixtures/otel/traced.ts";
import { rejectsWith } from "../support/calls.ts";
import { runtimeNames } from "../support/runtimes.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

before(followContext);
after(() => context.disable());

const host = keepSpans();

/** What the host serves, with a span of its own. */
const provide = [
  stock.implement({
    reserve() {
      const span = host.provider.getTracer("stock").startSpan("counting");
      span.end();
      return 3;
    },
  }),
];

function only(spans: readonly ToldSpan[], name: string, kind: SpanKind): ToldSpan {
  const found = spans.filter((span) => span.name === name && span.kind === kind);
  assert.equal(found.length, 1, `${found.length} spans ${name} of kind ${kind} of ${JSON.stringify(spans)}`);
  return found[0]!;
}

/** Opens a plugin in each way: in this process, and as a process on each runtime. */
const ways: readonly { name: string; open: () => Promise<Plugin> }[] = [
  {
    name: "inProcess()",
    async open() {
      const plugin = keepSpans();
      const served = makeShop(plugin.provider.getTracer("shop"), plugin.ended);
      const interceptors = [await tracing({ tracerProvider: plugin.provider })];
      return await inProcess(
        { versions: { 1: [served] }, interceptors },
        { name: "tested", provide, interceptors: [await tracing({ tracerProvider: host.provider })] },
      );
    },
  },
  ...runtimeNames.map((runtime) => ({
    name: `launch() of a plugin on ${runtime}`,
    open: async () =>
      await launch(new URL("../fixtures/otel/plugin.ts", import.meta.url), {
        name: "tested",
        runtime,
        log: false,
        provide,
        interceptors: [await tracing({ tracerProvider: host.provider })],
      }),
  })),
];

for (const way of ways) {
  describe(`tracing over ${way.name}`, () => {
    let plugin: Plugin;
    before(async () => {
      plugin = await way.open();
    });
    after(async () => {
      await plugin.stop();
    });

    it("makes one trace of a call, what it does, and its calls back", async () => {
      host.forget();
      const tracer = host.provider.getTracer("test");
      const rootId = await tracer.startActiveSpan("root", async (span) => {
        assert.equal(await plugin.dispense(shop).order("tea", 2), "tea: 3 left");
        span.end();
        return activeSpanId();
      });
      const here = host.ended();
      const there = await plugin.dispense(shop).spans();
      const client = only(here, "shop/order", SpanKind.CLIENT);
      const server = only(there, "shop/order", SpanKind.SERVER);
      const packing = only(there, "packing", SpanKind.INTERNAL);
      assert.equal(client.parentId, rootId);
      assert.equal(server.parentId, client.spanId);
      assert.equal(server.isParentRemote, true);
      assert.equal(packing.parentId, server.spanId);
      const callbacks = there.filter(({ name }) => name === "stock/reserve");
      const answers = here.filter(({ name }) => name === "stock/reserve");
      const countings = here.filter(({ name }) => name === "counting");
      assert.deepEqual(
        callbacks.map(({ kind, parentId }) => [kind, parentId]),
        Array(2).fill([SpanKind.CLIENT, packing.spanId]),
      );
      assert.deepEqual(
        answers.map(({ kind, parentId }) => [kind, parentId]),
        callbacks.map(({ spanId }) => [SpanKind.SERVER, spanId]),
      );
      assert.deepEqual(
        countings.map(({ parentId }) => parentId),
        answers.map(({ spanId }) => spanId),
      );
      const ofTrace = [server, packing, ...callbacks, ...here].map(({ traceId }) => traceId);
      assert.deepEqual(new Set(ofTrace), new Set([client.traceId]));
    });

    it("names spans and their attributes by the conventions for RPC", async () => {
      host.forget();
      await plugin.dispense(shop).order("tea", 0);
      const client = only(host.ended(), "shop/order", SpanKind.CLIENT);
      const names = {
        "rpc.system.name": "plugwire",
        "rpc.method": "shop/order",
        "rpc.system": "plugwire",
        "rpc.service": "shop",
      };
      assert.deepEqual(client.attributes, { ...names, "server.address": "tested" });
      assert.equal(client.status, SpanStatusCode.UNSET);
      const servers = (await plugin.dispense(shop).spans()).filter(({ name }) => name === "shop/order");
      assert.deepEqual(servers.at(-1)?.attributes, names);
    });

    it("tells of a failure on both sides", async () => {
      host.forget();
      const proxy = plugin.dispense(shop);
      await assert.rejects(proxy.fails("sold out"), { name: "RangeError", message: "sold out" });
      await assert.rejects(proxy.fails("coded"));
      const [first, coded] = host.ended();
      assert.deepEqual([first?.status, first?.events], [SpanStatusCode.ERROR, ["exception"]]);
      assert.equal(first?.attributes["error.type"], "RangeError");
      assert.equal(coded?.attributes["error.type"], "ENOSTOCK");
      const servers = (await proxy.spans()).filter(({ name }) => name === "shop/fails");
      assert.deepEqual(
        servers.map(({ status, attributes, events }) => [status, attributes["error.type"], events]),
        [
          [SpanStatusCode.ERROR, "RangeError", ["exception"]],
          [SpanStatusCode.ERROR, "ENOSTOCK", ["exception"]],
        ],
      );
    });

    it("tells of a failure of Plugwire by its code", async () => {
      host.forget();
      const proxy = plugin.dispense(shop);
      await rejectsWith(proxy.fails(5 as never), "invalid_argument");
      const late = withOptions(proxy, { timeoutMs: 5 });
      await rejectsWith(late.never(), "timeout");
      // The caller is told at once, its interceptors right after.
      await nextTurn();
      const codes = host.ended().map(({ attributes }) => attributes["rpc.response.status_code"]);
      assert.deepEqual(codes, ["invalid_argument", "timeout"]);
      assert.deepEqual(
        host.ended().map(({ status }) => status),
        [SpanStatusCode.ERROR, SpanStatusCode.ERROR],
      );
    });
  });
}

describe("tracing", () => {
  it("says what to install when the package of OpenTelemetry is missing", async () => {
    const error = await loadApi(() => Promise.reject(new Error("Cannot find module"))).then(
      () => assert.fail("was loaded"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof PluginError);
    assert.equal(error.code, "not_found");
    assert.match(error.message, /npm install @opentelemetry\/api/);
  });

  it("begins a trace of its own for a call of a side that does not trace", async () => {
    const spans = keepSpans();
    const greeter = contract<{ greet(): string | undefined }>("greeter");
    const served = greeter.implement({ greet: () => activeSpanId() });
    const interceptors = [await tracing({ tracerProvider: spans.provider })];
    await using plugin = await inProcess({ versions: { 1: [served] }, interceptors });
    const active = await host.provider
      .getTracer("test")
      .startActiveSpan("elsewhere", () => plugin.dispense(greeter).greet());
    const [server] = spans.ended();
    assert.equal(server?.parentId, undefined);
    assert.equal(active, server?.spanId);
  });

  it("uses the propagator it is given, and the one that is registered", async () => {
    const greeter = contract<{ keys(): string[] }>("greeter");
    const seen: string[][] = [];
    const served = greeter.implement({ keys: () => [] });
    const own = {
      fields: () => ["x-own"],
      inject: (_context: unknown, carrier: unknown) => void Object.assign(carrier as object, { "x-own": "1" }),
      extract: <T>(around: T) => around,
    };
    const look = await tracing({ tracerProvider: host.provider, propagator: own });
    const record = (call: { readonly metadata: object }, next: () => Promise<unknown>) => {
      seen.push(Object.keys(call.metadata));
      return next();
    };
    await using first = await inProcess([served], { interceptors: [look, record] });
    await first.dispense(greeter).keys();
    propagation.setGlobalPropagator({ ...own, fields: () => ["x-registered"] });
    try {
      const registered = await tracing({ tracerProvider: host.provider });
      await using second = await inProcess([served], { interceptors: [registered, record] });
      await second.dispense(greeter).keys();
    } finally {
      propagation.disable();
    }
    const standard = await tracing({ tracerProvider: host.provider });
    await using third = await inProcess([served], { interceptors: [standard, record] });
    await third.dispense(greeter).keys();
    assert.deepEqual(seen, [["x-own"], ["x-own"], ["traceparent"]]);
  });

  it("changes nothing where no provider is registered", async () => {
    trace.disable();
    const greeter = contract<{ greet(): string }>("greeter");
    await using plugin = await inProcess([greeter.implement({ greet: () => "hello" })], {
      interceptors: [await tracing()],
    });
    assert.equal(await plugin.dispense(greeter).greet(), "hello");
    assert.equal(trace.getSpanContext(ROOT_CONTEXT), undefined);
  });
});
