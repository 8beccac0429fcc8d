import type { MethodNotes, OfferedContract } from "../hello/mod.ts";
import { helloOf } from "../host/hello_of.ts";
import type { Plugin } from "../host/mod.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Options } from "./_options.ts";
import { printJson, printText } from "./_output.ts";

/** What `describe --json` prints. */
export interface Description {
  readonly name: string;
  /** What implements Plugwire in it, and its version. */
  readonly software: string;
  /** The protocol version that was spoken. */
  readonly version: number;
  /** All that it speaks. */
  readonly versions: readonly number[];
  /** Of the version that was spoken; `methods` is `null` where only a factory knows them, `about` has what it says of them, `signatures` what they take and give. */
  readonly contracts: readonly OfferedContract[];
}

/** Prints what a plugin is and serves. */
export async function describe(plugin: Plugin, options: Options, runtime: Runtime): Promise<void> {
  const { name, version, serves } = plugin;
  const { software, versions = [version] } = helloOf(plugin);
  // What else is known of a contract concerns the session alone.
  const contracts = serves.map(({ name, methods, about, signatures }) => ({ name, methods, about, signatures }));
  const description: Description = { name, software, version, versions, contracts };
  if (options.json) await printJson(description, runtime);
  else await printText(describeText(description), runtime);
}

/** The same for people. */
function describeText({ name, software, version, versions, contracts }: Description): string {
  const others = versions.filter((each) => each !== version);
  const also = others.length === 0 ? "" : `, also speaks ${others.join(", ")}`;
  const lines = [name, `  protocol version ${version}${also}`];
  if (software !== "") lines.push(`  made with ${software}`);
  if (contracts.length === 0) lines.push("", "It serves no contract.");
  for (const contract of contracts) lines.push("", contract.name, ...methodLines(contract).map((line) => `  ${line}`));
  return lines.join("\n");
}

function methodLines({ methods, about = {}, signatures = {} }: OfferedContract): readonly string[] {
  if (methods === null) return ["(its methods are known only to the plugin itself)"];
  if (methods.length === 0) return ["(no methods)"];
  return methods.flatMap((method) => {
    const signature = Object.hasOwn(signatures, method) ? signatures[method] : "";
    const notes = noteLines(Object.hasOwn(about, method) ? about[method] : undefined);
    return [`${method}${signature}`, ...notes.map((line) => `  ${line}`)];
  });
}

function noteLines({ description = "", idempotent = false }: MethodNotes = {}): readonly string[] {
  const lines = description === "" ? [] : description.trim().split(/\r?\n/);
  return idempotent ? [...lines, "(may be repeated)"] : lines;
}
