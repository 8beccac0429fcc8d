import { findInspectorUrl, type InspectOptions } from "../handshake/mod.ts";
import { createLogger, type LogRecord, type LogSink } from "../log/mod.ts";
import { logSinkFrom } from "../output/mod.ts";
import type { Entry } from "../runner/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { settledWithin } from "../runtime/settled_within.ts";
import { patientHelloMs } from "./_join_debugged.ts";
import { startPlugin } from "./_start_plugin.ts";
import type { LaunchOptions } from "./options.ts";
import type { Plugin } from "./plugin.ts";

/** Time for what a plugin's runtime said at its start, once the plugin has said hello, in ms. */
const lateWordsMs = 1_000;
/** Plugwire's own records on a plugin are not looked at. */
const ownSource = "plugwire.";

/** Starts a plugin whose debugger listens, and says where. */
export async function startInspected(
  entry: Entry,
  options: LaunchOptions,
  inspect: Required<InspectOptions>,
  runtime: Runtime,
): Promise<Plugin> {
  if (options.runner?.compose !== undefined) {
    const text = `inspect is for processes of this machine, and the runner is ${options.runner.name}`;
    throw new TypeError(`${text}: start the plugin's debugger by its own means`);
  }
  const watch = new InspectorWatch(inspect, logSinkFrom(options.log, runtime));
  const plugin = await startPlugin(entry, { ...patient(options, inspect), log: watch.sink }, runtime);
  await settledWithin(watch.found, lateWordsMs, runtime);
  if (watch.url === undefined) watch.missed(plugin.name, inspect);
  return Object.assign(plugin, { inspectorUrl: watch.url });
}

/** The same options for a plugin that somebody steps through: what waits for a person has no time limit. */
function patient(options: LaunchOptions, { mode }: Required<InspectOptions>): LaunchOptions {
  const limits = { helloTimeoutMs: patientHelloMs, ...options.limits };
  return mode === "run" ? { ...options, limits } : { ...options, limits, startTimeoutMs: Number.POSITIVE_INFINITY };
}

/** Looks through what a plugin logs for the place where its debugger listens, and says that in plain words. */
class InspectorWatch {
  /** Where all records are to go. */
  readonly sink: LogSink;
  readonly #to: LogSink;
  readonly #found: PromiseWithResolvers<string> = Promise.withResolvers();
  readonly #mode: Required<InspectOptions>["mode"];
  #url: string | undefined;
  /** The record before: Bun needs two lines to say it. */
  #before = "";

  constructor({ mode }: Required<InspectOptions>, to: LogSink) {
    this.#to = to;
    this.#mode = mode;
    this.sink = (record) => {
      this.#look(record);
      return to(record);
    };
  }

  /** Where it listens, once that is known. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Settles when that is known. */
  get found(): Promise<string> {
    return this.#found.promise;
  }

  /** Says that it never was. */
  missed(name: string, { host, port }: Required<InspectOptions>): void {
    const log = createLogger({ source: ownSource + name, sink: this.#to });
    log.warn(`the plugin's debugger does not seem to listen on ${host}:${port}; something else may`);
  }

  #look({ source, message }: LogRecord): void {
    if (this.#url !== undefined || source.startsWith(ownSource)) return;
    this.#url = findInspectorUrl(`${this.#before}\n${message}\n`);
    this.#before = message;
    if (this.#url === undefined) return;
    this.#found.resolve(this.#url);
    const log = createLogger({ source: ownSource + source, sink: this.#to });
    if (this.#mode === "run") log.info(`the plugin can be debugged at ${this.#url}`);
    else log.warn(`the plugin waits for a debugger at ${this.#url}`);
  }
}
