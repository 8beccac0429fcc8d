/** The value at a share (0 to 1) of the sorted values. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle value. */
export function median(values: Iterable<number>): number {
  return quantile(values, 0.5);
}

/**
 * Runs rounds of two things in turns, so that whatever else the machine does meets both alike. Who goes first changes.
 *
 * @returns What each round gave, of either.
 */
export async function alternate<T>(
  rounds: number,
  floor: () => Promise<T>,
  ours: () => Promise<T>,
): Promise<{ readonly floor: readonly T[]; readonly ours: readonly T[] }> {
  const results: { floor: T[]; ours: T[] } = { floor: [], ours: [] };
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) results.floor.push(await floor());
    results.ours.push(await ours());
    if (round % 2 === 1) results.floor.push(await floor());
  }
  return results;
}
