// @ts-check
import { callback, contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

/** With schemas the types are known without a word. */
export const counter = contract("counter", {
  add: method([v.number()], v.number()),
  countdown: method([v.number(), callback([v.number()])]),
});

/**
 * What a contract of types alone is made of.
 *
 * @typedef {object} Clock
 * @property {() => Promise<number>} now
 * @property {(ms: number) => Promise<string>} describe
 */

/** @type {import("@plugwire/plugwire").Contract<Clock>} */
export const clock = contract("clock");
