import {
  composeCommand,
  type DebuggedPlugin,
  DebugVariable,
  debuggedLine,
  debugVariables,
  entryName,
  entryPath,
  handshakeVariables,
  inspectFrom,
  isScript,
  secretBytes,
  toHex,
  Variable,
} from "../handshake/mod.ts";
import { formatConsole, visible } from "../log/mod.ts";
import type { Address, ExitStatus, Runtime } from "../runtime/runtime.ts";
import { joinLinks } from "../transport/join_links.ts";
import type { Link } from "../transport/mod.ts";
import { DevHost } from "./_dev_host.ts";
import { DevPlugin } from "./_dev_plugin.ts";
import type { Options } from "./_options.ts";
import { SourceWatch, type WatchedPath } from "./_source_watch.ts";

const defaultStartTimeoutMs = 10_000;

/**
 * Runs a plugin for hosts that are started by hand, and runs it anew whenever its files change: the new one takes the place of the
 * old one as soon as it serves, under the same address.
 *
 * @param host The command of a host that is started with it, and anew with each new plugin; may be empty.
 * @returns Never well: it goes on until the signal. @throws The signal's reason; UsageError, PluginError for what cannot be run.
 */
export async function dev(
  path: string,
  host: readonly string[],
  { options, runtime, signal }: { readonly options: Options; readonly runtime: Runtime; readonly signal: AbortSignal },
): Promise<never> {
  const directory = await runtime.makePrivateDirectory("plugwire-dev-");
  const undoExit = runtime.onExit(() => runtime.removeNow(directory));
  try {
    await using session = new DevSession(path, host, { options, runtime, directory });
    const listener = await runtime.listen(doorOf(directory), (link) => void session.accept(link));
    try {
      return await session.run(signal);
    } finally {
      await listener.close();
    }
  } finally {
    undoExit();
    await runtime.remove(directory);
  }
}

function doorOf(directory: string): Address {
  return { network: "unix", path: `${directory}/s` };
}

class DevSession implements AsyncDisposable {
  readonly #path: string;
  readonly #options: Options;
  readonly #runtime: Runtime;
  readonly #name: string;
  readonly #secret: string = toHex(crypto.getRandomValues(new Uint8Array(secretBytes)));
  readonly #directory: string;
  readonly #reattach: Readonly<Record<string, DebuggedPlugin>>;
  readonly #host: DevHost | undefined;
  /** Where hosts are led; for as long as no plugin serves, they wait. */
  #place: PromiseWithResolvers<DebuggedPlugin> = Promise.withResolvers();
  #plugin: DevPlugin | undefined;
  /** One that has not shown yet that it can serve. */
  #next: DevPlugin | undefined;
  #reloading: Promise<void> | undefined;
  #isDirty = false;
  #isOver = false;

  constructor(
    path: string,
    host: readonly string[],
    {
      options,
      runtime,
      directory,
    }: { readonly options: Options; readonly runtime: Runtime; readonly directory: string },
  ) {
    this.#directory = directory;
    this.#path = path;
    this.#options = options;
    this.#runtime = runtime;
    this.#name = options.name ?? entryName(path, { os: runtime.os, directory: runtime.cwd() });
    this.#reattach = { [this.#name]: { address: doorOf(directory), secret: this.#secret } };
    const env = { ...runtime.environment(), [DebugVariable.reattach]: JSON.stringify(this.#reattach) };
    const ended = (status: ExitStatus): void => this.#say(`the host ended (${how(status)}); a change starts it again`);
    this.#host = host.length === 0 ? undefined : new DevHost(host, env, { runtime, ended });
  }

  async run(signal: AbortSignal): Promise<never> {
    const over = Promise.withResolvers<never>();
    over.promise.catch(() => {});
    const abort = (): void => over.reject(signal.reason);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    // What is wrong with the command line is found before anything runs.
    await this.#command();
    const watched = this.#watched();
    using watch = new SourceWatch(watched, this.#runtime, (paths) => this.#onChange(paths));
    await watch.start();
    this.#say(`watching ${watched.map(watchedText).join(", ")}`);
    if (this.#host === undefined) {
      this.#say("put the next line before the command of a host; it stays good over reloads, and has a secret in it");
      this.#runtime.writeStdout(`${debuggedLine(this.#reattach)}\n`);
    }
    this.#reload();
    return await over.promise;
  }

  /** Takes a host's connection. */
  async accept(link: Link): Promise<void> {
    try {
      const { address } = await this.#place.promise;
      await joinLinks(link, await this.#runtime.connect(address));
    } catch {
      // The plugin went at this very moment: the host sees the end, and may come again.
      link.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#host?.end();
    await Promise.all([this.#plugin?.end("SIGTERM"), this.#next?.end("SIGTERM")]);
    await this.#reloading;
  }

  #onChange(paths: readonly string[]): void {
    const more = paths.length > 1 ? ` and ${paths.length - 1} more` : "";
    this.#say(`changed: ${visible(paths[0] ?? "")}${more}`);
    this.#reload();
  }

  /** One after the other; what changes meanwhile makes one more. */
  #reload(): void {
    this.#isDirty = true;
    this.#reloading ??= this.#reloadAll().finally(() => {
      this.#reloading = undefined;
    });
  }

  async #reloadAll(): Promise<void> {
    while (this.#isDirty && !this.#isOver) {
      this.#isDirty = false;
      try {
        await this.#replace();
      } catch (error) {
        if (this.#isOver) return;
        const goesOn =
          this.#plugin === undefined ? "it is tried again when a file changes" : "the one before goes on serving";
        this.#say(`${error instanceof Error ? error.message : String(error)}; ${goesOn}`, "error");
      }
    }
  }

  async #replace(): Promise<void> {
    const startTimeoutMs = this.#options.startTimeoutMs ?? defaultStartTimeoutMs;
    const { cwd } = this.#options;
    const next = await DevPlugin.start(
      { command: await this.#command(), cwd, env: this.#env(), startTimeoutMs },
      this.#runtime,
    );
    this.#next = next;
    const place = await next.place(startTimeoutMs).catch(async (error: unknown) => {
      await next.end("SIGTERM");
      throw error;
    });
    this.#next = undefined;
    const before = this.#plugin;
    this.#plugin = next;
    if (this.#isOver) return await next.end("SIGTERM");
    this.#lead(place);
    this.#say(`plugin ${this.#name} ${before === undefined ? "serves" : "was reloaded"}`);
    void next.exited.then((status) => this.#onEnded(next, status));
    await before?.end("SIGHUP");
    await this.#host?.restart();
  }

  #lead(place: DebuggedPlugin): void {
    this.#place.resolve(place);
    this.#place = { ...this.#place, promise: Promise.resolve(place) };
  }

  #onEnded(plugin: DevPlugin, status: ExitStatus): void {
    if (this.#plugin !== plugin || this.#isOver) return;
    this.#plugin = undefined;
    this.#place = Promise.withResolvers();
    this.#say(`plugin ${this.#name} ended (${how(status)}); a change starts it again`, "error");
    void plugin.end("SIGTERM");
  }

  async #command(): Promise<readonly string[]> {
    const { runtime: chosen, args, inspect } = this.#options;
    const runtime = this.#runtime;
    const { argv } = await composeCommand(this.#path, {
      runtime: chosen,
      args,
      inspect: inspectFrom(inspect),
      transport: "unix",
      cookieKey: "",
      hostRuntime: runtime.name,
      hostExecPath: runtime.execPath,
      hostCompiled: runtime.compiled,
      os: runtime.os,
      directory: runtime.cwd(),
      find: (name) => runtime.findExecutable(name),
      stat: (file) => runtime.stat(file),
    });
    return argv;
  }

  #env(): Readonly<Record<string, string>> {
    const env = this.#runtime.environment();
    for (const name of [...handshakeVariables, ...debugVariables]) delete env[name];
    return {
      ...env,
      ...this.#options.env,
      [DebugVariable.debug]: this.#name,
      [Variable.secret]: this.#secret,
      [Variable.lifeline]: "stdin",
      // One that is killed leaves its socket there, and it goes with the directory.
      [Variable.socketDirectory]: this.#directory,
    };
  }

  #watched(): readonly WatchedPath[] {
    const at = { os: this.#runtime.os, directory: this.#runtime.cwd() };
    const { path } = entryPath(this.#path, at);
    const own: WatchedPath = isScript(path)
      ? { path: path.replace(/[\\/][^\\/]*$/, "") || "/", all: false }
      : { path, all: true };
    return [own, ...this.#options.watch.map((named) => ({ path: entryPath(named, at).path, all: true }))];
  }

  #say(message: string, level: "info" | "error" = "info"): void {
    const record = { time: Date.now(), level, source: "plugwire.dev", message, fields: {} };
    const colour = this.#runtime.stderrIsTerminal() && !this.#runtime.env("NO_COLOR");
    this.#runtime.writeStderr(`${formatConsole(record, { colour })}\n`);
  }
}

function watchedText({ path, all }: WatchedPath): string {
  return all ? visible(path) : `${visible(path)} (source files)`;
}

function how({ code, signal }: ExitStatus): string {
  return signal === null ? `exit code ${code}` : signal;
}
