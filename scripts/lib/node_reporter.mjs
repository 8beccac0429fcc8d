// A reporter of node:test: one JSON line for each test that ended, with its place in the tree, and a last one.
import { inspect } from "node:util";

export default async function* report(events) {
  const names = new Map();
  for await (const { type, data } of events) {
    if (type === "test:enqueue") names.set(data.testId, { name: data.name, parentId: data.parentId });
    if (type === "test:summary") yield `${JSON.stringify({ complete: true })}\n`;
    // Node only remarks on what a test rejects after its end, while another one runs.
    if (type === "test:diagnostic" && data.message.includes("asynchronous activity after the test ended")) {
      yield `${JSON.stringify({ name: "(after its test ended)", outcome: "failed", detail: data.message })}\n`;
    }
    if (type !== "test:pass" && type !== "test:fail") continue;
    const reason = data.skip ?? data.todo;
    yield `${JSON.stringify({
      id: data.testId,
      parentId: data.parentId,
      name: fullName(names, data.testId) ?? data.name,
      group: data.details.type === "suite",
      outcome: outcome(type, data),
      detail: type === "test:fail" ? describe(data.details.error) : typeof reason === "string" ? reason : "",
    })}\n`;
  }
}

function outcome(type, data) {
  if (data.skip !== undefined || data.todo !== undefined) return "skipped";
  return type === "test:fail" ? "failed" : "passed";
}

function fullName(names, id) {
  const entry = names.get(id);
  if (entry === undefined) return undefined;
  const parent = fullName(names, entry.parentId);
  return parent === undefined ? entry.name : `${parent} > ${entry.name}`;
}

function describe(error) {
  const cause = error?.code === "ERR_TEST_FAILURE" ? (error.cause ?? error) : error;
  return typeof cause === "string" ? cause : inspect(cause);
}
