import type { Served } from "../contract/mod.ts";
import {
  type Cookie,
  checkCookie,
  chooseProtocol,
  cookieFrom,
  handshakeVariables,
  readPluginEnvironment,
  startedByHand,
  startedByHandExitCode,
  versionForLine,
} from "../handshake/mod.ts";
import { offerOf } from "../hello/mod.ts";
import { formatHclog, setLogSink } from "../log/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { exampleCall } from "./_example_call.ts";
import { HostConnections } from "./_host_connections.ts";
import { ChangingHosts, type Hosts, OneHost } from "./_hosts.ts";
import { doorLine, openDoor } from "./_open_door.ts";
import { guardOutput } from "./_output_guard.ts";
import { nameByHand, serveByHand } from "./_serve_by_hand.ts";
import { serveListening } from "./_serve_listening.ts";
import { listenPlace } from "./listen_options.ts";
import { pluginSession } from "./plugin_session.ts";
import { type FullServeOptions, readServeArguments, type ServeOptions } from "./serve_options.ts";

/** Time a plugin waits for its host to connect, in ms. */
const connectTimeoutMs = 60_000;
/** Time a plugin has to end by itself once its session is over, in ms. */
const exitGraceMs = 2_000;
/** The same after SIGTERM, in ms: who sent it kills next. */
const termGraceMs = 250;

/**
 * Serves contracts to the host that started this process. Whoever starts it by hand is told what it is, and the process
 * ends with code 1; with `PLUGWIRE_DEBUG=1` in the environment it waits for hosts instead.
 *
 * @param served What `contract.implement()` gave: one for each contract. Or one object with `versions`.
 * @returns Settles when the host has stopped the plugin or is gone: the place to close what the plugin holds open. Two
 * seconds later the process ends, whatever it still does.
 * @throws PluginError `bad_handshake` for an environment that cannot be read, `address_too_long` and `start_failed` when no
 * socket can be made.
 * @throws TypeError for arguments that are neither.
 *
 * @example
 * ```ts ignore
 * import { serve } from "@plugwire/plugwire";
 * import { greeter } from "./greeter.ts";
 * await serve(greeter.implement({ greet: (name) => `Hello, ${name}!` }));
 * ```
 */
export function serve(...served: readonly Served[]): Promise<void>;
/**
 * Serves contracts by protocol version.
 *
 * @param options The contracts of each version, and what else is not the default.
 */
export function serve(options: ServeOptions): Promise<void>;
export async function serve(...args: readonly (Served | ServeOptions)[]): Promise<void> {
  const options = readServeArguments(args);
  const runtime = options.adapter ?? (await detectRuntime());
  const cookie = cookieFrom(options.handshake);
  const match = checkCookie((name) => runtime.env(name), cookie);
  const debugged = match === "absent" ? nameByHand(runtime) : undefined;
  if (debugged !== undefined) return await serveByHand(debugged, runtime, options);
  const place = match === "absent" ? await listenPlace(options.listen, runtime) : undefined;
  if (place !== undefined) return await serveListening(runtime, options, place);
  if (match !== "match") return sayStartedByHand(runtime, options, cookie, match === "different");
  const told = readPluginEnvironment((name) => runtime.env(name));
  runtime.forgetEnv([cookie.key, ...handshakeVariables]);
  if (told.host !== undefined) setLogSink((record) => runtime.writeStderr(`${formatHclog(record)}\n`));
  chooseProtocol(told.protocols);
  runtime.endOnUncaught();

  const { lingerMs } = told;
  const hosts: Hosts = lingerMs === undefined ? new OneHost() : new ChangingHosts(lingerMs, runtime);
  const connections = new HostConnections(
    (link) => pluginSession(link, runtime, options, told.secret, () => hosts.hasOwner),
    (session) => hosts.take(session),
    options.limits.maxUnproved,
  );
  const door = await openDoor(runtime, told, (link) => void connections.accept(link));
  const undoExit = runtime.onExit(() => door.closeNow());
  const over = Promise.withResolvers<void>();
  const undoStdin =
    told.lifeline === "stdin" && told.transport !== "stdio" ? runtime.onStdinEnd(over.resolve) : () => {};
  let exitMs = exitGraceMs;
  // Ctrl-C at a terminal reaches a whole process group; what becomes of the plugin is for its host to decide.
  runtime.onSignal("SIGINT", () => {});
  const undoTerm = runtime.onSignal("SIGTERM", () => {
    exitMs = termGraceMs;
    over.resolve();
  });
  const endGuard = told.outputDirectory === undefined ? () => {} : guardOutput(told.outputDirectory, runtime);
  const timer = runtime.setTimer(over.resolve, connectTimeoutMs, { keepAlive: true });
  // On a fresh line, whatever was printed before; the host swallows one empty line. Other hosts take the first for the line.
  const before = told.host === undefined ? "" : "\n";
  runtime.writeStdout(`${before}${doorLine(door, versionForLine(told.versions, options.versionList))}\n`);
  // No other host can come: its death before it has proved itself is the end, too.
  if (told.transport === "stdio") void connections.accept(runtime.ownStdio()).then(over.resolve);

  void hosts.over.then(over.resolve);
  void hosts.joined.then(() => {
    timer.cancel();
    if (lingerMs !== undefined) return;
    // Nobody else is to connect, and nothing is to be left when either process is killed.
    connections.close();
    door.close().catch(() => over.resolve());
  });
  await over.promise;
  timer.cancel();
  endGuard();
  undoStdin();
  undoTerm();
  connections.close();
  const { areGone } = hosts;
  hosts.close();
  await door.close();
  if (areGone) await door.removeDirectory();
  undoExit();
  runtime.setTimer(() => runtime.exit(0), exitMs);
}

function sayStartedByHand(runtime: Runtime, options: FullServeOptions, cookie: Cookie, isDifferent: boolean): never {
  const served = options.versions[Math.max(...options.versionList)]!;
  const contracts = offerOf(served).map(({ name, methods }) => ({ name, methods: methods ?? [] }));
  const script = runtime.compiled ? undefined : runtime.mainScript;
  runtime.writeStderr(
    startedByHand({
      contracts,
      command: script ?? runtime.execPath,
      runtime: runtime.name,
      cookie,
      example: exampleCall(served),
      isDifferent,
    }),
  );
  return runtime.exit(startedByHandExitCode);
}
