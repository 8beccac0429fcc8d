import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { containerRunner, type LaunchOptions, launch, type Plugin, type RunSpec } from "../../mod.ts";
import { engine, image, lifePath, mounts } from "../fixtures/container/container.ts";
import { life } from "../fixtures/life/life.ts";
import { gone, leavesNothing, pluginError, Records, timed } from "../support/life.ts";
import { currentRuntime, runtimeCommand } from "../support/runtimes.ts";
import { until } from "../support/until.ts";

let state = "";

function containers(): string[] {
  return readdirSync(state).filter((name) => name.endsWith(".pid"));
}

/** The process that stands for the one container there is. */
function containerPid(): number {
  const [file, ...others] = containers();
  assert.deepEqual(others, []);
  return Number(readFileSync(`${state}/${file}`, "utf8"));
}

function calls(): string[][] {
  return readFileSync(`${state}/calls`, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function open(options: LaunchOptions = {}, entry: string | string[] = lifePath): Promise<Plugin> {
  return launch(entry, {
    runner: containerRunner({ engine, image, mounts }),
    log: false,
    startTimeoutMs: 30_000,
    ...options,
  });
}

describe("a plugin in a container", () => {
  before(() => {
    state = mkdtempSync(`${tmpdir()}/engine-`);
    process.env.ENGINE_STATE = state;
    process.env.ENGINE_IMAGES = JSON.stringify({
      [image]: ["node", lifePath],
      odd: ["/app/tests/fixtures/life/says.sh", "1|1|unix|/elsewhere/s|plugwire|\\n"],
    });
  });
  after(() => {
    for (const name of ["ENGINE_STATE", "ENGINE_IMAGES"]) delete process.env[name];
    rmSync(state, { recursive: true });
  });

  for (const transport of ["unix", "stdio"] as const) {
    it(`answers calls over ${transport}, and leaves nothing`, async () => {
      await leavesNothing(async () => {
        const plugin = await open({ transport, args: ["one", "two"] });
        const proxy = plugin.dispense(life);
        assert.deepEqual(await proxy.echo({ a: [1] }), { a: [1] });
        assert.deepEqual(await proxy.args(), ["one", "two"]);
        assert.equal(plugin.pid, undefined);
        assert.equal(containers().length, 1);
        assert.deepEqual(await plugin.stop(), { code: 0, signal: null });
        assert.deepEqual(containers(), []);
      });
    });
  }

  it("is started without network, with its socket's directory alone, and no value of a variable in the argument list", async () => {
    await using plugin = await open({
      env: { TOKEN: "swordfish", PATH: process.env.PATH! },
      cwd: "/app",
      name: "named",
    });
    const { TOKEN, HOME, ENGINE_STATE } = await plugin.dispense(life).environment();
    assert.deepEqual([TOKEN, HOME, ENGINE_STATE], ["swordfish", undefined, undefined]);
    const argv = calls().at(-1)!;
    const given = argv.join(" ");
    for (const option of [
      "--rm",
      "--interactive",
      "--init",
      "--network=none",
      "--pull=never",
      "--label=plugwire=named",
    ])
      assert.ok(argv.includes(option), `${option} in ${given}`);
    assert.match(given, /--workdir=\/app --env TOKEN --env PATH=/);
    assert.match(given, /--env PLUGWIRE_SECRET /);
    assert.match(
      given,
      /--mount=type=bind,source=[^,]+,target=\/app,readonly --mount=type=bind,source=[^,]+,target=\/run\/plugwire /,
    );
    if (process.getuid !== undefined) assert.ok(argv.includes(`--user=${process.getuid()}`));
    assert.doesNotMatch(given, /swordfish|PLUGWIRE_SECRET=|[0-9a-f]{64}/);
  });

  it("runs the image's own command for an empty one", async () => {
    await using plugin = await open({}, []);
    assert.equal(plugin.name, image);
    assert.equal(await plugin.dispense(life).echo(1), 1);
  });

  it("has its output and its log records under its name", async () => {
    const records = new Records();
    await using plugin = await open({ log: records.sink });
    await plugin.dispense(life).print("from within");
    assert.equal((await records.message("from within")).source, "life");
  });

  it("passes limits on to the engine", async () => {
    await using plugin = await open({ resources: { memoryBytes: 2 ** 30, openFiles: 500 } });
    assert.equal(plugin.name, "life");
    const argv = calls().at(-1)!;
    for (const option of ["--memory=1073741824b", "--memory-swap=1073741824b", "--ulimit=nofile=500:500"])
      assert.ok(argv.includes(option), option);
  });

  it("is removed when it does not end in its grace", async () => {
    const plugin = await open();
    const pid = containerPid();
    plugin
      .dispense(life)
      .block()
      .catch(() => {});
    assert.ok((await timed(() => plugin.stop({ graceMs: 300 }))) < 20_000);
    await gone(pid);
    assert.deepEqual(calls().at(-1)?.slice(0, 2), ["rm", "--force"]);
    assert.deepEqual(containers(), []);
  });

  it("is removed when the engine's command is killed", async () => {
    const plugin = await open();
    const pid = containerPid();
    plugin
      .dispense(life)
      .block()
      .catch(() => {});
    process.kill(Number(readFileSync(`${state}/client`, "utf8")), "SIGKILL");
    assert.deepEqual(await plugin.exited, { code: null, signal: "SIGKILL" });
    await gone(pid);
    await plugin.stop();
    assert.deepEqual(containers(), []);
  });

  it("is told to be exited with the code of the container", async () => {
    const plugin = await open();
    const error = await pluginError(plugin.dispense(life).exit(7) as unknown as Promise<void>);
    assert.deepEqual([error.code, error.exitCode], ["exited", 7]);
    assert.deepEqual(await plugin.exited, { code: 7, signal: null });
    await plugin.stop();
  });

  it("is removed when its host exits, also when it is blocked", async () => {
    const host = startHost("exit");
    await once(host, "exit");
    await until("the container is removed", () => calls().at(-1)?.[0] === "rm" && containers().length === 0);
  });

  it("ends when its host is killed", async () => {
    const host = startHost("wait");
    await once(host.stdout!, "data");
    const pid = containerPid();
    host.kill("SIGKILL");
    await gone(pid, 20_000);
    await until("the container is gone", () => containers().length === 0);
  });

  const faults: readonly {
    readonly name: string;
    readonly entry?: string | string[];
    readonly engine?: string;
    readonly image?: string;
    readonly args?: string[];
    readonly isDown?: boolean;
    readonly code: string;
    readonly message: RegExp;
  }[] = [
    {
      name: "no engine",
      engine: "no-such-engine",
      code: "not_found",
      message: /there is no no-such-engine; install it, or name another/,
    },
    {
      name: "an engine whose daemon is down",
      isDown: true,
      code: "start_failed",
      message: /does not reach its daemon; is it running\? .* said: docker: Cannot connect/,
    },
    {
      name: "no image",
      image: "other:2",
      code: "not_found",
      message:
        /there is no image other:2 here; fetch it with ".* pull other:2", or let the runner do so: pull: "missing"/,
    },
    {
      name: "no such program",
      entry: ["/bin/no-such-program"],
      code: "not_found",
      message: /there is no \/bin\/no-such-program in image life-plugin/,
    },
    {
      name: "a program that cannot be executed",
      entry: ["/app/tests/fixtures/life/not_executable.sh"],
      code: "not_executable",
      message: /not_executable\.sh in image life-plugin cannot be executed/,
    },
    {
      name: "an argument that the engine does not know",
      args: ["--no-such-flag"],
      code: "exited",
      message: /could not start the container; .* said: unknown flag: --no-such-flag/,
    },
    {
      name: "a socket that is not in the directory",
      entry: [],
      image: "odd",
      code: "connect_failed",
      message: /listens at \/elsewhere\/s in its container, and only \/run\/plugwire can be reached/,
    },
  ];
  for (const { name, entry, isDown = false, code, message, args, ...other } of faults) {
    it(`fails in plain words with ${name}`, async () => {
      if (isDown) process.env.ENGINE_DOWN = "1";
      try {
        await leavesNothing(async () => {
          const runner = containerRunner({ engine, image, mounts, args, ...other });
          const error = await pluginError(open({ runner }, entry));
          assert.equal(error.code, code);
          assert.match(error.message, message);
          assert.equal(error.execution, "none");
        });
      } finally {
        delete process.env.ENGINE_DOWN;
      }
      assert.deepEqual(containers(), []);
    });
  }

  it("refuses what does not go together with a container", async () => {
    const url = new URL(import.meta.url);
    await assert.rejects(
      launch(url, { runner: containerRunner({ image }) }),
      /must be the absolute path that it has in the container/,
    );
    await assert.rejects(launch("plugin.ts", { runner: containerRunner({ image }) }), TypeError);
    await assert.rejects(open({ stdin: "inherit" }), /a container does not share a terminal/);
    for (const beside of [{ runtime: "deno" }, { permissions: [] }] as const)
      await assert.rejects(
        launch([], { ...beside, runner: containerRunner({ image }) }),
        /the image's own command is used as it is/,
      );
    await assert.rejects(open({ inspect: true }), TypeError);
    await assert.rejects(open({ reattach: true }), TypeError);
    const relative = containerRunner({ engine, image, mounts: [{ source: "here" }] });
    await assert.rejects(open({ runner: relative }), /a mount must have absolute paths without commas, .*, not "here"/);
    for (const target of ["/c\nx", '/c"x', "/c,readonly=false", "c"]) {
      const odd = containerRunner({ engine, image, mounts: [{ source: "/here", target }] });
      await assert.rejects(open({ runner: odd }), /a mount must have absolute paths without commas/);
    }
    for (const [mount, what] of [
      [{ source: "/here", target: 5 }, /option mounts\[0\]\.target of containerRunner/],
      [{ source: "/here", writable: "false" }, /option mounts\[0\]\.writable of containerRunner must be true or false/],
      [null, /option mounts\[0\] of containerRunner must be \{ source, target, writable \}/],
    ] as const) {
      assert.throws(() => containerRunner({ image, mounts: [mount as never] }), what);
    }
    assert.throws(
      () => containerRunner({} as { image: string }),
      /image of containerRunner must be the name of an image/,
    );
    assert.throws(() => containerRunner({ image: "--privileged" }), TypeError);
    assert.throws(
      () => containerRunner({ image, pul: "never" } as { image: string }),
      /unknown option "pul".*did you mean "pull"/,
    );
  });

  it("translates addresses there and back", () => {
    const { hostToPlugin, pluginToHost } = containerRunner({ image });
    const spec = { name: "any", socketDirectory: "/tmp/plugwire-1-abc" } as RunSpec;
    const inside = hostToPlugin!({ network: "unix", path: "/tmp/plugwire-1-abc/s" });
    assert.deepEqual(inside, { network: "unix", path: "/run/plugwire/s" });
    assert.deepEqual(pluginToHost!(inside, spec), { network: "unix", path: "/tmp/plugwire-1-abc/s" });
    const tcp = { network: "tcp", host: "127.0.0.1", port: 9 } as const;
    assert.deepEqual([hostToPlugin!(tcp), pluginToHost!(tcp, spec)], [tcp, tcp]);
  });
});

function startHost(end: string): ChildProcess {
  const [command = "", ...args] = runtimeCommand(
    currentRuntime,
    new URL("../fixtures/container/host.ts", import.meta.url),
    end,
  );
  return spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
}

function once(emitter: { once(event: string, listener: () => void): unknown }, event: string): Promise<void> {
  return new Promise((resolve) => emitter.once(event, resolve));
}
