import { contract } from "../contract/mod.ts";
import { ErrorCode, PluginError } from "../errors/mod.ts";
import { hint } from "../errors/near_miss.ts";
import type { OfferedContract } from "../hello/mod.ts";
import type { Plugin } from "../host/mod.ts";
import { withOptions } from "../rpc/mod.ts";
import { reworded } from "../runner/reworded.ts";
import type { Word } from "./_command_line.ts";
import { passable } from "./_passable.ts";
import { isStream } from "./_reference_text.ts";
import { UsageError } from "./_usage_error.ts";

/** What a call is made with. */
export interface CallParts {
  /** `CONTRACT.METHOD`. */
  readonly target: string;
  readonly args: readonly unknown[];
  /** What the arguments were typed as. */
  readonly words: readonly Word[];
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
  /** Gives what comes in on stdin. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
}

/** The implementation threw this, or what stands for it. */
export class Threw extends Error {
  override readonly name: string = "Threw";
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super("the call threw", { cause: thrown });
    this.thrown = thrown;
  }
}

type AnyMethod = (...args: readonly unknown[]) => Promise<unknown>;

/** @throws UsageError for a target that is none, before a plugin is started for it. */
export function checkTarget(target: string): void {
  if (/^[^.].*\.[^.]*[^.\s]$/s.test(target)) return;
  throw new UsageError(`${JSON.stringify(target)} must be CONTRACT.METHOD, such as greeter.greet`);
}

/**
 * Makes one call of a plugin.
 *
 * @returns What it gave; a stream fails in the same way.
 * @throws Threw when the implementation threw. @throws PluginError when Plugwire failed; the signal's reason when aborted.
 */
export async function call(
  plugin: Plugin,
  { target, args, words, timeoutMs, signal, stdin }: CallParts,
): Promise<unknown> {
  const { name, method } = findMethod(plugin, target);
  using proxy = plugin.dispense(contract<Record<string, AnyMethod>>(name));
  const callable = (withOptions(proxy, { timeoutMs, signal }) as Record<string, AnyMethod | undefined>)[method];
  if (callable === undefined) throw noSuchMethod(plugin, name, method, []);
  const signature = plugin.serves.find((offered) => offered.name === name)?.signatures?.[method];
  const given = passable(args, words, { signature, contract: name, method, stdin });
  const failed = (error: unknown): unknown => {
    if (error instanceof PluginError) return inTermsOfTheCommand(error, words, args);
    return signal.aborted && error === signal.reason ? error : new Threw(error);
  };
  try {
    const result = await callable(...given);
    return isStream(result) ? itemsOf(result, failed) : result;
  } catch (error) {
    throw failed(error);
  }
}

/** The same items. @param failed Says what is thrown in place of what the stream throws. */
async function* itemsOf(stream: AsyncIterable<unknown>, failed: (error: unknown) => unknown): AsyncGenerator<unknown> {
  try {
    yield* stream;
  } catch (error) {
    throw failed(error);
  }
}

/** What went wrong, with the option that would have helped. */
function inTermsOfTheCommand(error: PluginError, words: readonly Word[], args: readonly unknown[]): PluginError {
  if (error.code === ErrorCode.timeout) return reworded(error, `${error.message} (--timeout)`);
  if (error.code !== ErrorCode.invalidArgument) return error;
  const hints = (error.issues ?? []).flatMap(({ path = "", message }) => {
    const at = Number(/^args\[(\d+)\]$/.exec(path)?.[1]);
    const word = words[at];
    // Of the type that is wanted, a schema says no more than its message.
    if (word === undefined || typeof args[at] === "string" || !/string/i.test(message)) return [];
    return [`; -s ${forShell(word.text)} passes it as a string`];
  });
  return hints.length === 0 ? error : reworded(error, error.message + [...new Set(hints)].join(""));
}

function forShell(text: string): string {
  return /^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Names may have dots themselves: the contract with the longest name that fits is meant. */
function findMethod(plugin: Plugin, target: string): { name: string; method: string } {
  const fitting = plugin.serves.filter(({ name }) => target.startsWith(`${name}.`));
  const offered = fitting.toSorted((a, b) => b.name.length - a.name.length)[0];
  if (offered === undefined) throw noSuchContract(plugin, target);
  const method = target.slice(offered.name.length + 1);
  const { name, methods } = offered;
  if (methods !== null && !methods.includes(method)) throw noSuchMethod(plugin, name, method, methods);
  return { name, method };
}

function noSuchContract({ name: plugin, serves }: Plugin, target: string): PluginError {
  const wanted = target.slice(0, target.lastIndexOf("."));
  const names = serves.map(({ name }) => name);
  const text = `plugin ${plugin} serves no contract ${JSON.stringify(wanted)}${hint(wanted, names)}`;
  return new PluginError(ErrorCode.noSuchContract, text, { plugin, contract: wanted, execution: "none" });
}

function noSuchMethod(
  { name: plugin }: Plugin,
  name: OfferedContract["name"],
  method: string,
  methods: readonly string[],
): PluginError {
  const text = `plugin ${plugin} serves contract ${name} without a method ${JSON.stringify(method)}${hint(method, methods)}`;
  return new PluginError(ErrorCode.noSuchMethod, text, { plugin, contract: name, method, execution: "none" });
}
