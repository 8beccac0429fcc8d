/** A plugin as far as the handshake goes: reads what the host said, listens or takes its stdio, and gives its line. */
import {
  addressFields,
  checkCookie,
  coreVersion,
  defaultCookie,
  formatLine,
  plugwireProtocol,
  readPluginEnvironment,
  socketFileName,
  Variable,
  versionForLine,
} from "../../src/handshake/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import type { Address } from "../../src/runtime/runtime.ts";
import type { Link } from "../../src/transport/link.ts";

const runtime = await detectRuntime();
const get = (name: string): string | undefined => runtime.env(name);
if (checkCookie(get, defaultCookie) !== "match") runtime.exit(1);
const { socketDirectory, transport, versions, secret } = readPluginEnvironment(get);
runtime.forgetEnv([Variable.secret]);
const forgotten = secret !== undefined && runtime.env("PLUGWIRE_SECRET") === undefined;

function greet(link: Link, onEnd: () => void): void {
  link.start({ bytes: () => {}, end: onEnd, drain: () => {}, closed: () => {} });
  link.write(new TextEncoder().encode(forgotten ? "good" : "leaked"));
  link.end();
}

function announce(address: Address | undefined): void {
  const version = versionForLine(versions, [1, 2, 3]);
  runtime.writeStdout(
    `\n${formatLine({ core: coreVersion, version, protocol: plugwireProtocol, ...addressFields(address) })}\n`,
  );
}

if (transport === "stdio") {
  announce(undefined);
  greet(runtime.ownStdio(), () => runtime.exit(0));
} else {
  const wanted: Address =
    transport === "unix"
      ? { network: "unix", path: `${socketDirectory}/${socketFileName}` }
      : { network: "tcp", host: "127.0.0.1", port: 0 };
  const listener = await runtime.listen(wanted, (link) => greet(link, () => {}));
  announce(listener.address);
  runtime.onStdinEnd(async () => {
    await listener.close();
    runtime.exit(0);
  });
}
