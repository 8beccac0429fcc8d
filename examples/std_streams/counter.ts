import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const counter = contract("counter", { count: method([v.number()]) });
