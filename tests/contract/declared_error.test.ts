/** Errors that a method declares. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import { checkDeclaredError, DeclaredError, declaredError, isDeclaredError, method } from "../../src/contract/mod.ts";
import { errorOrigin, markRemote, PluginError } from "../../src/errors/mod.ts";

const place = { contract: "users", method: "name" };
const errors = { notFound: v.object({ id: v.number() }), busy: z.string().default("now"), gone: type("number") };
const name = method([v.number()], v.string(), { errors });

describe("a declared error", () => {
  it("has its code and data, and a message for people", () => {
    const error = declaredError(errors, "notFound", { id: 7 }, "there is no user 7");
    assert.ok(error instanceof DeclaredError && error instanceof Error);
    const { code, data, message } = error;
    assert.deepEqual({ code, data, message }, { code: "notFound", data: { id: 7 }, message: "there is no user 7" });
    assert.equal(String(error), "DeclaredError: there is no user 7");
    assert.deepEqual(Object.keys(error), ["code", "data"]);
    assert.equal(declaredError(errors, "gone", 5).message, "gone");
    assert.equal(declaredError(errors, "busy").data, undefined);
    assert.throws(() => declaredError(errors, "toString" as never, undefined as never), /no error "toString"/);
  });

  it("is recognised by its code, and nothing else is", () => {
    const error: unknown = declaredError(errors, "notFound", { id: 7 });
    assert.ok(isDeclaredError(error, errors, "notFound"));
    assert.equal(error.data.id, 7);
    assert.equal(isDeclaredError(error, errors, "busy"), false);
    for (const other of [undefined, null, "notFound", new Error("notFound"), { code: "notFound" }]) {
      assert.equal(isDeclaredError(other, errors, "notFound"), false);
    }
    const stranger = new DeclaredError("toString", "", undefined);
    assert.equal(isDeclaredError(stranger, errors, "toString" as never), false);
  });
});

describe("the data of a declared error, where it arrives", () => {
  it("is left as it is when it fits", () => {
    const error = declaredError(errors, "notFound", { id: 7 });
    // The schema gives a new object with the same fields; so does the error.
    const checked = checkDeclaredError(name, error, place);
    assert.ok(isDeclaredError(checked, errors, "notFound"));
    assert.deepEqual(checked.data, { id: 7 });
    const gone = declaredError(errors, "gone", 5);
    assert.equal(checkDeclaredError(name, gone, place), gone);
  });

  it("gets defaults and transforms, and the error keeps the rest", () => {
    const cause = new Error("why");
    const error = markRemote(new DeclaredError("busy", "it is busy", undefined, { cause }));
    const checked = checkDeclaredError(name, error, place);
    assert.ok(isDeclaredError(checked, errors, "busy"));
    const { data, message, stack } = checked;
    assert.deepEqual([data, message, checked.cause, stack], ["now", "it is busy", cause, error.stack]);
    assert.equal(errorOrigin(checked), "remote");
  });

  it("that does not fit is the implementation's fault", () => {
    const error = new DeclaredError("notFound", "there is no user 7", { id: "7" });
    const checked = checkDeclaredError(name, error, place);
    assert.ok(checked instanceof PluginError);
    const { code, path, message, cause } = checked;
    assert.deepEqual({ code, path, cause }, { code: "invalid_result", path: "data.id", cause: error });
    assert.match(message, /^the implementation of users\.name threw notFound with data .*: data\.id: .*received "7"/);
  });

  it("may be checked in its own time", async () => {
    const later = v.pipeAsync(
      v.string(),
      v.checkAsync(async (text) => text === "good", "must be good"),
    );
    const slow = method([], undefined, { errors: { later } });
    const good = new DeclaredError("later", "", "good");
    assert.equal(await checkDeclaredError(slow, good, place), good);
    const bad = await checkDeclaredError(slow, new DeclaredError("later", "", "bad"), place);
    assert.ok(bad instanceof PluginError && bad.code === "invalid_result");
  });

  it("whose schema throws is nobody's fault but the schema's", async () => {
    const boom = new Error("boom");
    const throws = z.string().refine(() => {
      throw boom;
    });
    const rejects = v.pipeAsync(
      v.string(),
      v.checkAsync(() => Promise.reject(boom)),
    );
    const slow = method([], undefined, { errors: { throws, rejects } });
    for (const code of ["throws", "rejects"]) {
      const checked = await checkDeclaredError(slow, new DeclaredError(code, "", "x"), place);
      assert.ok(checked instanceof PluginError && checked.code === "internal");
      assert.match(checked.message, new RegExp(`the schema of the data of ${code} of users\\.name threw: boom`));
    }
  });

  it("is not looked at when the method declares no such error", () => {
    for (const error of [new DeclaredError("other", "", 5), new DeclaredError("toString", "", 5), new Error("x"), 5]) {
      assert.equal(checkDeclaredError(name, error, place), error);
      assert.equal(checkDeclaredError(method(), error, place), error);
      assert.equal(checkDeclaredError(undefined, error, place), error);
    }
  });
});
