import { ErrorCode, PluginError } from "../errors/mod.ts";
import type { Word } from "./_command_line.ts";
import { parametersOf } from "./_parameters.ts";

/** Where arguments go, and what may be passed there. */
export interface ParameterFacts {
  readonly contract: string;
  readonly method: string;
  /** `(callback(number) => void, bytes?) => string`; `undefined` where the contract has no schemas. */
  readonly signature: string | undefined;
  /** Gives what comes in on stdin. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
}

/** What the command has none of, as the beginning of a signature's parameter. */
const needs: readonly (readonly [start: RegExp, what: string])[] = [
  [/^\(?callback\(/, "a function to call back"],
  [/^stream</, "a stream of values"],
  [/^reference</, "an object with methods"],
];

/**
 * The arguments of a call, bytes as the streams that the contract asks for.
 *
 * @throws PluginError `invalid_argument` for what a command line cannot say.
 */
export function passable(args: readonly unknown[], words: readonly Word[], facts: ParameterFacts): readonly unknown[] {
  const made = [...args];
  parametersOf(facts.signature ?? "()").forEach(({ text, isOptional }, index) => {
    const isGiven = index < args.length && args[index] !== undefined;
    if (isOptional && !isGiven) return;
    const what = needs.find(([start]) => start.test(text))?.[1];
    if (what !== undefined) throw refusal(index, facts, `${what}, and the command cannot make one`);
    if (text === "bytes") made[index] = byteStream(args[index], words[index], index, facts);
  });
  return made;
}

function byteStream(value: unknown, word: Word | undefined, index: number, facts: ParameterFacts): unknown {
  if (value instanceof Uint8Array) return new Blob([value as Uint8Array<ArrayBuffer>]).stream();
  if (word?.text === "-" && !word.isText) return readableOf(facts.stdin());
  throw refusal(index, facts, `a stream of bytes: - passes what comes in on stdin, {"$bytes":"BASE64"} these bytes`);
}

/** As a stream of bytes it crosses raw, also to a contract of which the command knows only what the plugin says. */
function readableOf(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

function refusal(index: number, { contract, method }: ParameterFacts, what: string): PluginError {
  const path = `args[${index}]`;
  const text = `cannot call ${contract}.${method}: ${path} is ${what}`;
  return new PluginError(ErrorCode.invalidArgument, text, { contract, method, path, execution: "none" });
}
