// Owns the one thing that a step of a handoff waits for: a command that is under way, or the time at which it is tried again.

import type { Instant } from '../ids.ts';
import type { Task } from './move.ts';

export function running(since: Instant, seq: number): Extract<Task, { kind: 'running' }> {
  return { kind: 'running', seq, since, tries: 0 };
}

export function waiting(seq: number, until: Instant, code: string, tries = 0): Task {
  return { kind: 'waiting', seq, until, tries, code };
}
