// Owns one resource that a page shows: read when the page comes, read again when asked, and what came of it.

import { useSignal } from '@preact/signals';
import { useCallback, useEffect } from 'preact/hooks';
import { Refused, read } from './service.ts';

export type Reading<Value> = {
  readonly value: Value | null;
  readonly trouble: Refused | null;
  readonly again: () => void;
};

/** `path` null reads nothing. What was read stays in place while it is read again. */
export function useReading<Value>(path: string | null): Reading<Value> {
  const got = useSignal<{ path: string; value: Value } | null>(null);
  const trouble = useSignal<Refused | null>(null);
  const round = useSignal(0);
  useEffect(() => {
    if (path === null) return;
    const leaving = new AbortController();
    read<Value>(path, leaving.signal).then(
      (value) => {
        if (leaving.signal.aborted) return;
        got.value = { path, value };
        trouble.value = null;
      },
      (error: unknown) => {
        if (!leaving.signal.aborted) trouble.value = error instanceof Refused ? error : new Refused(0, {});
      },
    );
    return () => leaving.abort();
  }, [path, round.value]);
  const again = useCallback(() => {
    round.value += 1;
  }, [round]);
  const current = got.value?.path === path ? got.value : null;
  return { value: current?.value ?? null, trouble: trouble.value, again };
}
