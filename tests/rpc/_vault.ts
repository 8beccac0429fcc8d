import * as v from "valibot";
import type { Contract, Served } from "../../mod.ts";
import { bytes, callback, contract, method, optional, reference, referenceTo, stream } from "../../mod.ts";

/** What the object behind `vault.narrow()` may be asked for. */
export const narrow = contract("narrow", { next: method([], v.number()) });

/** What a hostile peer is given to attack: each way in which something crosses, and much that must not. */
export const vault: Contract<Record<string, (...args: never[]) => unknown>> = contract("vault");

/** The same by schemas. */
export const shaped = contract("shaped", {
  narrow: method([], referenceTo(narrow)),
  calls: method([callback([v.number()], v.number())], v.number()),
  keeps: method([callback([v.number()])], v.number(), { keeps: true }),
  reads: method([stream(v.number())], v.array(v.number())),
  readsBytes: method([bytes()], v.number()),
  maybe: method([optional(referenceTo(narrow))], v.string()),
});

/** An implementation that notes whatever of it is reached. */
export interface Vault {
  readonly served: Served[];
  /** Every name that was called, with the legitimate ones. */
  readonly reached: string[];
  /** Errors that code of the implementation has met, by what it tried. */
  readonly met: unknown[];
}

/** Makes one. */
export function makeVault(): Vault {
  const reached: string[] = [];
  const met: unknown[] = [];
  const note = <T>(name: string, value: T): T => {
    reached.push(name);
    return value;
  };
  class Base {
    inherited(): string {
      return note("inherited", "inherited");
    }
  }
  class Guarded extends Base {
    readonly token = "secret";
    readonly #hidden = (): string => note("#hidden", "secret");
    own(): string {
      return note("own", "own");
    }
    get trap(): string {
      return note("trap", this.#hidden());
    }
    [Symbol.iterator](): never {
      return note("iterator", undefined as never);
    }
  }
  const fn = Object.assign(() => note("fn", 1), { secret: () => note("fn.secret", 1) });
  return {
    reached,
    met,
    served: [
      vault.implement({
        run: (...args: unknown[]) => note("run", args.length),
        fn: () => fn,
        object: () => reference(new Guarded()),
        bytes: () => new Blob(["abc"]).stream(),
        async *items() {
          yield note("item", 1);
          yield 2;
        },
        sink: () => new WritableStream({ write: () => note("write", undefined) }),
        signal: () => new AbortController().signal,
        async call(given: () => unknown) {
          try {
            return await given();
          } catch (error) {
            met.push(error);
            throw error;
          }
        },
        async untilAborted(signal: AbortSignal) {
          const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          if (!signal.aborted) await aborted;
          met.push(signal.reason);
          return "aborted";
        },
        never: () => new Promise(() => {}),
      } as never),
      shaped.implement({
        narrow: () => ({
          next: () => note("next", 1),
          reset: () => note("reset", 1),
        }),
        async calls(given) {
          try {
            return await given(1);
          } catch (error) {
            met.push(error);
            throw error;
          }
        },
        keeps: () => 1,
        async reads(items) {
          const got: number[] = [];
          try {
            for await (const item of items) got.push(item);
          } catch (error) {
            met.push(error);
            throw error;
          }
          return got;
        },
        async readsBytes(given) {
          let size = 0;
          try {
            for await (const chunk of given as unknown as AsyncIterable<Uint8Array>) size += chunk.length;
          } catch (error) {
            met.push(error);
            throw error;
          }
          return size;
        },
        maybe: (given) => (given === undefined ? "none" : "some"),
      }),
    ],
  };
}
