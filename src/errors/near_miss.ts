/**
 * Finds the candidate that was most likely meant by a name that is none of them.
 *
 * @param name The name as given.
 * @param candidates The names that exist.
 * @returns The nearest that is near enough (upper and lower case apart, at most a third of the name differs), or
 * `undefined`.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/**
 * The end of a message about a name that does not exist: `; did you mean "greet"?`, or else the names there are,
 * eight at most.
 */
export function hint(name: string, candidates: Iterable<string>): string {
  const names = [...candidates];
  const near = nearest(name, names);
  if (near !== undefined) return `; did you mean ${JSON.stringify(near)}?`;
  if (names.length === 0) return "; there is none";
  const shown = names.slice(0, 8).map((each) => JSON.stringify(each));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
  return `; there is ${shown.join(", ")}${more}`;
}

/** How many letters must be put in, left out, changed, or swapped with their neighbour (Damerau, Levenshtein). */
export function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let distance = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) distance = Math.min(distance, before[column - 2]! + 1);
      current.push(distance);
    }
    before = above;
    above = current;
  }
  return above[to.length]!;
}
