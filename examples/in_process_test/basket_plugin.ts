import type { Served } from "@plugwire/plugwire";
import { basket, prices } from "./basket.ts";

/** Apart from plugin.ts, so that a test can have it without a process. */
export const basketPlugin: Served = basket.implement((host) => {
  const hostPrices = host.dispense(prices);
  const items: { name: string; count: number }[] = [];
  return {
    add(name, count) {
      items.push({ name, count });
    },
    async total() {
      const costs = await Promise.all(items.map(async ({ name, count }) => count * (await hostPrices.of(name))));
      return costs.reduce((sum, cost) => sum + cost, 0);
    },
  };
});
