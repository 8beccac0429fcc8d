import * as v from "valibot";
import { checkOptions, type OptionRules } from "../errors/check_options.ts";
import { keepAliveRules, tlsRules } from "../plugin/listen_options.ts";
import { checkSharedOptions, milliseconds, object } from "../plugin/option_rules.ts";
import { providedFrom } from "./_provided.ts";
import { checkVersionMap, connectRules, logRules } from "./check_options.ts";
import type { AddressOptions } from "./connect_options.ts";

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

const addressRules: OptionRules = {
  ...connectRules,
  ...logRules,
  secret: v.any(),
  tls: object,
  insecure: v.boolean("must be true or false"),
  reconnect: v.custom(
    (value) => typeof value === "boolean" || isObject(value),
    "must be true, false, or an object with minMs, maxMs, waitMs and giveUpMs",
  ),
  keepAlive: v.custom((value) => value === false || isObject(value), "must be an object, or false"),
  onConnection: v.custom((value) => typeof value === "function", "must be a function"),
  startTimeoutMs: milliseconds,
  graceMs: milliseconds,
};

const reconnectRules: OptionRules = {
  minMs: milliseconds,
  maxMs: milliseconds,
  waitMs: milliseconds,
  giveUpMs: milliseconds,
};

/** Checks the options of `connect`. @throws TypeError and RangeError naming the option, its rule, and the value met. */
export function checkAddressOptions(options: AddressOptions): void {
  checkSharedOptions("connect", addressRules, options);
  checkVersionMap("connect", options);
  const { tls, reconnect, keepAlive } = options;
  if (tls !== undefined) checkOptions("tls of connect", tlsRules, tls);
  if (typeof reconnect === "object") checkOptions("reconnect of connect", reconnectRules, reconnect);
  if (keepAlive) checkOptions("keepAlive of connect", keepAliveRules, keepAlive);
  providedFrom(options);
}
