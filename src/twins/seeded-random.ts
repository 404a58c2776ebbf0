// Owns chance for the twins: a generator that gives the same run for the same seed, and ids drawn from it, so that a
// simulation is reproducible from one number.

/** A generator of numbers in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** A UUID v4 drawn from `random` (RFC 9562 §5.4). */
export function drawUuid(random: () => number): string {
  const word = () => ((random() * 0x1_0000_0000) >>> 0).toString(16).padStart(8, '0');
  const [a, b, c, d] = [word(), word(), word(), word()];
  const variant = ((Number.parseInt(c[0] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}
