import { callOn, isLocalName } from "./_chain.ts";
import { AnswerClaim } from "./answer_claim.ts";
import type { OutgoingAnswer } from "./outgoing_answer.ts";

/** Calls what a call is going to give. */
export type CallAnswer = (answer: OutgoingAnswer, method: string, args: readonly unknown[]) => Promise<unknown>;

/** By which one of these promises is asked for what it stands for. */
const handlerKey: unique symbol = Symbol();

/** The promise of a reference, whose methods can be called, and itself, before it has come. */
class AnswerHandler implements ProxyHandler<() => void> {
  readonly #given: Promise<unknown>;
  readonly #answer: OutgoingAnswer | undefined;
  #claim: AnswerClaim;
  readonly #callAnswer: CallAnswer;
  #isUsed = false;
  #value: { readonly value: unknown } | undefined;

  constructor(given: Promise<unknown>, answer: OutgoingAnswer | undefined, callAnswer: CallAnswer) {
    this.#callAnswer = callAnswer;
    this.#given = given;
    this.#answer = answer;
    this.#claim = answer?.claim ?? new AnswerClaim();
  }

  get(_target: unknown, key: string | symbol): unknown {
    switch (key) {
      case "then":
      case "catch":
      case "finally":
        return this.#method(key);
      case Symbol.toStringTag:
        return "Promise";
      case handlerKey:
        return this;
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
      this.#claim.claim();
      return (this.#given[name] as (...given: never[]) => unknown).apply(this.#given, args);
    };
  }

  #call(method: string, args: readonly unknown[]): unknown {
    this.#use();
    const answer = this.#answer;
    if (answer?.isNeeded) {
      return this.#callAnswer(answer, method, args);
    }
    this.#claim.began();
    if (this.#value !== undefined) return this.#callNow(this.#value.value, method, args);
    return this.#callLater(method, args);
  }

  #callLater(method: string, args: readonly unknown[]): Promise<unknown> {
    const later: Promise<unknown> = this.#given.then((value) => made.#follow(this.#callOn(value, method, args)));
    const made = new AnswerHandler(later, undefined, this.#callAnswer);
    return promiseOf(made);
  }

  /** What it promises is promised by another one by now: to take it from there is not to await that one. */
  #follow(called: unknown): unknown {
    const isObject = typeof called === "function" && called instanceof Promise;
    const other = isObject ? (called as unknown as { [handlerKey]?: AnswerHandler })[handlerKey] : undefined;
    if (other === undefined) return called;
    other.#claim.take(this.#claim);
    this.#claim = other.#claim;
    return other.#given;
  }

  /** @returns What the method gives: of another side's, a promise of its own. */
  #callNow(value: unknown, method: string, args: readonly unknown[]): Promise<unknown> {
    try {
      const called = this.#callOn(value, method, args);
      return called instanceof Promise ? called : Promise.resolve(called);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #callOn(value: unknown, method: string, args: readonly unknown[]): unknown {
    try {
      return callOn(value, method, args);
    } finally {
      this.#claim.ended();
    }
  }

  /** What its failure is passed on to is heard of; itself, only when it is awaited. */
  #use(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.#given.then(
      (value) => {
        this.#value = { value };
        this.#claim.came(value);
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
  return promiseOf(new AnswerHandler(given, answer, callAnswer));
}

function promiseOf(handler: AnswerHandler): Promise<unknown> {
  return new Proxy(() => {}, handler) as unknown as Promise<unknown>;
}
