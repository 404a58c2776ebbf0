// Owns the guard against hostile nesting: whoever walks a stranger's JSON asks it first.

/** Whether `value` is nested deeper than `levels`. Level by level, so that it cannot exhaust the stack itself. */
export function deeperThan(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels && level.length > 0; depth += 1) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return level.length > 0;
}
