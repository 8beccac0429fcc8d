import { serve } from "@plugwire/plugwire";
import { primes } from "./primes.ts";

const isPrime = (n: number): boolean => {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n > 1;
};

// The event loop that this blocks is the thread's own.
await serve(
  primes.implement({
    below: (limit) => {
      let count = 0;
      for (let n = 0; n < limit; n++) if (isPrime(n)) count++;
      return count;
    },
  }),
);
