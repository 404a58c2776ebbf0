// Owns doing many things with a bound on how many are under way.

/** Runs `act` on every item, at most `width` at once; answers in the items' order. The first that throws stops the rest. */
export async function atOnce<Item, Answer>(
  items: readonly Item[],
  width: number,
  act: (item: Item, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = new Array(items.length);
  const waiting = items.entries();
  let stopped = false;
  const worker = async () => {
    for (const [index, item] of waiting) {
      if (stopped) return;
      answers[index] = await act(item, index);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  } finally {
    stopped = true;
  }
  return answers;
}
