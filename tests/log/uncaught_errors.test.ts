import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { type LogLevel, StderrLines } from "../../src/log/mod.ts";

/** Each line with `E` when it is an error, `-` when not. */
function marked(text: string): string[] {
  const out: string[] = [];
  const mark = (level: LogLevel): string => (level === "error" ? "E" : "-");
  const lines = new StderrLines({ source: "p", sink: ({ level, message }) => out.push(`${mark(level)} ${message}`) });
  lines.push(new TextEncoder().encode(text));
  lines.end();
  return out;
}

const red = (text: string): string => `\u001b[0m\u001b[1m\u001b[31m${text}\u001b[0m`;

/** As the runtimes wrote them, lines cut. Every line is part of the report. */
const reports: Record<string, string> = {
  "Node: an error with a cause": `file:///tmp/a.mjs:1
function f() { throw new Error("boom\\nsecond line", { cause: new TypeError("why") }); }
                     ^

Error: boom
second line
    at f (file:///tmp/a.mjs:1:22)
    ... 2 lines matching cause stack trace ...
    at async asyncRunEntryPointWithESMLoader (node:internal/modules/run_main:101:5) {
  [cause]: TypeError: why
      at f (file:///tmp/a.mjs:1:62)
}

Node.js v24.21.0`,
  "Node: a string was thrown": `node:internal/modules/run_main:107
    triggerUncaughtException(
    ^
a string
(Use \`node --trace-uncaught ...\` to show where the exception was thrown)

Node.js v24.21.0`,
  "Node: a rejection": `node:internal/process/promises:392
      new UnhandledPromiseRejection(reason);
      ^

UnhandledPromiseRejection: This error originated either by throwing inside of an async function. The reason "#<Object>".
    at throwUnhandledRejectionsMode (node:internal/process/promises:392:7) {
  code: 'ERR_UNHANDLED_REJECTION'
}

Node.js v24.21.0`,
  "Node: a missing module": `node:internal/modules/esm/resolve:272
    throw new ERR_MODULE_NOT_FOUND(
          ^

Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/tmp/nope.mjs' imported from /tmp/e.mjs
    at finalizeResolution (node:internal/modules/esm/resolve:272:11) {
  code: 'ERR_MODULE_NOT_FOUND',
  url: 'file:///tmp/nope.mjs'
}

Node.js v24.21.0`,
  "Deno: an error with a cause": `${red("error")}: Uncaught (in promise) Error: boom
second line
function f() { throw new Error("boom\\nsecond line", { cause: new TypeError("why") }); }
${red("                     ^")}
    at ${red("f")} (file:///tmp/a.mjs:1:22)
Caused by: TypeError: why
    at f (file:///tmp/a.mjs:1:62)`,
  "Deno: a string was thrown": 'error: Uncaught (in promise) "a string"',
  "Deno: a syntax error": `error: SyntaxError: Expression expected
  |
1 | let x = ;
  |         ~
    at file:///tmp/f.mjs:1:9

Stack backtrace:
   0: <unknown>`,
  "Bun: an error with a cause": `1 | function f() { throw new Error("boom\\nsecond line", { cause: new TypeError("why") }); }
                             ^
error: boom
second line
      at f (/tmp/a.mjs:1:26)

1 | function f() { throw new Error("boom\\nsecond line", { cause: new TypeError("why") }); }
                                                                     ^
TypeError: why
      at f (/tmp/a.mjs:1:66)

Bun v1.4.5 (Linux x64)`,
  "Bun: a string was thrown": `error: a string
a string

Bun v1.4.5 (Linux x64)`,
  "Bun: an object was thrown": `error
{
  code: 5,
}

Bun v1.4.5 (Linux x64)`,
  "Go: a panic": `panic: boom

goroutine 1 [running]:
main.(*Server).run(0xc000012345, {0x1, 0x2})
\t/tmp/x.go:4 +0x39
main.main()
\t/tmp/x.go:9 +0x18
created by main.start in goroutine 7
\t/tmp/x.go:3 +0x25
exit status 2`,
  "Go: a fault": `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45c2a5]

goroutine 1 [running]:
main.main()
\t/tmp/x.go:4 +0x39`,
  "Go: a deadlock": `fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.main()
\t/tmp/x.go:4 +0x39`,
  "Python: a traceback": `Traceback (most recent call last):
  File "/tmp/x.py", line 3, in <module>
    main()
    ~~~~^^
  File "/tmp/x.py", line 2, in main
    raise ValueError("boom")
ValueError: boom`,
  "Rust: a panic": `thread 'main' panicked at src/main.rs:2:5:
boom
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
  "an error on the console": `TypeError: bad
    at f (file:///tmp/x.js:1:1)`,
  "a DOMException on the console": `DOMException [AbortError]: This operation was aborted
    at new DOMException (node:internal/per_context/domexception:76:18)`,
};

describe("the report of an uncaught error", () => {
  for (const [name, report] of Object.entries(reports)) {
    it(`is an error from its first line to its last (${name}), and what follows is not`, () => {
      const lines = report.split("\n");
      const expected = ["- before", ...lines.map((line) => `E ${line}`)];
      assert.deepEqual(marked(`before\n${report}`), expected);
    });
  }

  const ended = [
    "Node: an error with a cause",
    "Bun: an error with a cause",
    "Python: a traceback",
    "an error on the console",
  ];
  for (const name of ended) {
    it(`is over at its end (${name})`, () => assert.equal(marked(`${reports[name]}\nafter\n`).at(-1), "- after"));
  }

  it("is over where a line of another kind begins", () => {
    assert.deepEqual(marked("panic: x\n[INFO] alive\nplain\n"), ["E panic: x", "- alive", "- plain"]);
    assert.deepEqual(marked('panic: x\n{"@message":"alive"}\nplain\n'), ["E panic: x", "- alive", "- plain"]);
  });

  it("taints few lines when a line only looks like a start", () => {
    for (const start of ["/tmp/x.js:12", "error: disk full", "1 | one", "panic: not really"]) {
      const lines = marked(`${start}\n${"plain\n".repeat(20)}`);
      assert.ok(lines.filter((line) => line.startsWith("E")).length <= 11, start);
    }
  });

  it("is looked for in linear time, whatever the lines are", () => {
    const started = performance.now();
    for (const unit of ["(", ":1", " ", "^ ", "'", "1", "Error", "\u001b[1"]) {
      for (const start of ["panic: x", "thread 'x", "/x", "Traceback (most recent call last):", ""]) {
        marked(`${start}\n${`${unit.repeat(4_000 / unit.length)}\n`.repeat(20)}`);
      }
    }
    assert.ok(performance.now() - started < 3_000);
  });

  const innocent = [
    "listening on http://localhost:8080",
    "an error: x",
    "errors: 0",
    "ErrorLog opened",
    "12 rows",
    "/tmp/x",
    "at noon",
    "  at f (x)",
  ];
  for (const line of innocent) {
    it(`is not seen in ${JSON.stringify(line)}`, () => assert.deepEqual(marked(line), [`- ${line}`]));
  }
});

describe("the runtime at hand", () => {
  const programs: Record<string, string> = {
    "throws an error": 'console.error("before"); throw new RangeError("boom");',
    "rejects a promise": 'console.error("before"); Promise.reject(new Error("boom\\nsecond"));',
    "throws a string": 'console.error("before"); throw "boom";',
  };
  for (const [name, program] of Object.entries(programs)) {
    it(`gives only errors when a plugin ${name}`, async () => {
      const lines = marked(await stderrOf(program)).filter((line) => line.length > 2);
      assert.equal(lines[0], "- before");
      const errors = lines.filter((line) => line.startsWith("E"));
      assert.ok(
        errors.some((line) => line.includes("boom")),
        lines.join("\n"),
      );
      assert.deepEqual(errors, lines.slice(1));
    });
  }
});

async function stderrOf(program: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "plugwire-log-"));
  try {
    const file = join(directory, "x.mjs");
    writeFileSync(file, program);
    const run = "Deno" in globalThis ? ["run", "--no-config", file] : [file];
    const child = spawn(process.execPath, run, { stdio: ["ignore", "ignore", "pipe"], cwd: directory });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
    return text;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
