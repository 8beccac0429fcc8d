import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const greeter = contract("greeter", { greet: method([v.string()], v.string()) });
