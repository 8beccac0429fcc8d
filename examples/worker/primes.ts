import { contract, method } from "@plugwire/plugwire";
import * as v from "valibot";

export const primes = contract("primes", { below: method([v.number()], v.number()) });
