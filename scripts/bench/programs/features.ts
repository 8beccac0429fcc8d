import * as v from "valibot";
import { type Contract, callback, contract, method, referenceTo } from "../../../mod.ts";

/** An argument as programs have it: some fields, a list. */
export interface Order {
  id: number;
  name: string;
  lines: { item: string; count: number }[];
}

const order = v.object({
  id: v.number(),
  name: v.string(),
  lines: v.array(v.object({ item: v.string(), count: v.number() })),
});

/** One method, without schemas and with them. */
export const plain: Contract<{ place(order: Order): Order }> = contract<{ place(order: Order): Order }>("plain");
export const validated = contract("validated", { place: method([order], order) });

export const counter = contract("counter", { next: method([], v.number()) });
export const features = contract("features", {
  next: method([], v.number()),
  /** Calls back once. */
  ask: method([callback([v.number()], v.number())], v.number()),
  counter: method([], referenceTo(counter)),
});

/** What is sent and comes back. */
export const someOrder: Order = {
  id: 4_711,
  name: "Ada Lovelace",
  lines: [
    { item: "gears", count: 12 },
    { item: "cards", count: 500 },
  ],
};
