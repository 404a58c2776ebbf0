// Owns the "did you mean" of a queue's name. Pure.

/**
 * The visible name that somebody who wrote `name` most likely meant: the same but for case and spaces, or else at most two
 * typing errors away (one in short names). Undefined when none is that close.
 */
export function closestName(name: string, names: readonly string[]): string | undefined {
  const wanted = plain(name);
  const same = names.find((one) => plain(one) === wanted);
  if (same !== undefined) return same;
  const allowed = wanted.length >= 8 ? 2 : 1;
  const near = names
    .filter((one) => Math.abs(plain(one).length - wanted.length) <= allowed)
    .map((one) => ({ one, errors: editDistance(wanted, plain(one)) }))
    .filter(({ errors }) => errors <= allowed)
    .sort((a, b) => a.errors - b.errors);
  return near[0]?.one;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

/** Levenshtein's, row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = from[line - 1] === to[column - 1] ? 0 : 1;
      const costs = [(row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (row[column - 1] ?? 0) + changed];
      next.push(Math.min(...costs));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
