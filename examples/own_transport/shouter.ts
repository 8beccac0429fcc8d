import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const shouter = contract("shouter", { shout: method([v.string()], v.string()) });
