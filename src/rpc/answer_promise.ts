import { callOn, isLocalName } from "./_chain.ts";
import type { OutgoingAnswer } from "./outgoing_answer.ts";

/** Calls what a call is going to give. */
export type CallAnswer = (answer: OutgoingAnswer, method: string, args: readonly unknown[]) => Promise<unknown>;

/** The promise of a reference, whose methods can be called, and itself, before it has come. */
class AnswerHandler implements ProxyHandler<() => void> {
  readonly #given: Promise<unknown>;
  readonly #answer: OutgoingAnswer | undefined;
  readonly #callAnswer: CallAnswer;
  #isUsed = false;
  #value: { readonly value: unknown } | undefined;

  constructor(given: Promise<unknown>, answer: OutgoingAnswer | undefined, callAnswer: CallAnswer) {
    this.#callAnswer = callAnswer;
    this.#given = given;
    this.#answer = answer;
  }

  get(_target: unknown, key: string | symbol): unknown {
    switch (key) {
      case "then":
      case "catch":
      case "finally":
        return this.#method(key);
      case Symbol.toStringTag:
        return "Promise";
      default:
        if (typeof key === "symbol" || isLocalName(key)) return undefined;
        return (...args: unknown[]) => this.#call(key, args);
    }
  }

  apply(_target: unknown, _this: unknown, args: unknown[]): unknown {
    return this.#call("", args);
  }

  /** `instanceof Promise` says what it is for. */
  getPrototypeOf(): object {
    return Promise.prototype;
  }

  set(): boolean {
    return false;
  }

  defineProperty(): boolean {
    return false;
  }

  #method(name: "then" | "catch" | "finally"): unknown {
    return (...args: never[]) => {
      this.#answer?.claim();
      return (this.#given[name] as (...given: never[]) => unknown).apply(this.#given, args);
    };
  }

  #call(method: string, args: readonly unknown[]): unknown {
    this.#use();
    const answer = this.#answer;
    if (answer?.isNeeded) {
      return this.#callAnswer(answer, method, args);
    }
    answer?.touch();
    if (this.#value !== undefined) return this.#callNow(method, args);
    const later = this.#given.then((value) => callOn(value, method, args));
    return answerPromise(later, undefined, this.#callAnswer);
  }

  /** @returns What the method gives: of another side's, a promise of its own. */
  #callNow(method: string, args: readonly unknown[]): Promise<unknown> {
    try {
      const called = callOn(this.#value?.value, method, args);
      return called instanceof Promise ? called : Promise.resolve(called);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What its failure is passed on to is heard of; itself, only when it is awaited. */
  #use(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.#given.then(
      (value) => {
        this.#value = { value };
      },
      () => {},
    );
  }
}

/**
 * A promise through which what it gives can be called at once.
 *
 * @param answer What the calls go to meanwhile; without one they wait until the answer has come.
 * @param callAnswer Makes such a call.
 */
export function answerPromise(
  given: Promise<unknown>,
  answer: OutgoingAnswer | undefined,
  callAnswer: CallAnswer,
): Promise<unknown> {
  return new Proxy(() => {}, new AnswerHandler(given, answer, callAnswer)) as unknown as Promise<unknown>;
}
