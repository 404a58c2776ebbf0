// Owns how what the bot noted is read by a person: names as words, dates and durations in the agent's language, moods as a word and
// a trend. What is copied is always the bot's own value; only what is shown is dressed.

import { nameWords } from '../../context/name-words.ts';
import type { Texts } from './texts.ts';

export type Mood = {
  readonly valence: 'negative' | 'neutral' | 'positive' | 'unknown';
  readonly trend: 'escalating' | 'improving' | 'stable' | null;
  readonly words: string;
};

/** `disputed_amount` as `Disputed amount`; a name of signs only as it is. */
export function wordsOf(name: string): string {
  const words = nameWords(name).join(' ');
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1);
}

export function triggerWords(trigger: string, { triggers }: Texts): string {
  return (Object.hasOwn(triggers, trigger) && triggers[trigger]) || wordsOf(trigger);
}

/**
 * One step of the journey, from the service's stable words for it. Who did it is in the words already, but for an operator: that a
 * person stepped in is news to the agent.
 */
export function stepWords(step: string, by: string, { steps, byOperator }: Texts): string {
  const words = (Object.hasOwn(steps, step) && steps[step]) || wordsOf(step);
  return by === 'operator' ? `${words} (${byOperator})` : words;
}

/** `NEGATIVE_ESCALATING` as `Negative (escalating)`; what we do not know is shown in its own words. */
export function moodOf(sentiment: string, texts: Texts): Mood {
  const said = nameWords(sentiment);
  const valence = (['negative', 'neutral', 'positive'] as const).find((one) => said.includes(one)) ?? 'unknown';
  const trend =
    (['escalating', 'improving', 'stable'] as const).find((one) => said.includes(one)) ??
    (said.includes('worsening') ? 'escalating' : null);
  if (valence === 'unknown') return { valence, trend, words: wordsOf(sentiment) };
  return { valence, trend, words: trend ? `${texts[valence]} (${texts[trend]})` : texts[valence] };
}

/** As the guide's card writes it (seed 004 §3): `3m 7s`. */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  return (
    parts
      .filter(([amount]) => amount > 0)
      .map(([amount, unit]) => `${amount}${unit}`)
      .join(' ') || '0s'
  );
}

/** One collected value, for the eye. A day without a time is a day everywhere: it is not moved into the agent's zone. */
export function valueWords(value: unknown, language: string, texts: Texts): string {
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  if (typeof value !== 'string') return plainValue(value);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  const day = new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return value;
  return day.toLocaleDateString(language, { year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' });
}

/** One collected value as it is copied; empty where the bot asked and got nothing. */
export function plainValue(value: unknown): string {
  if (typeof value === 'string') return value;
  const json = JSON.stringify(value ?? '') ?? '';
  return ['""', '[]', '{}'].includes(json) ? '' : json;
}

/** `12:04` today, with the day before it otherwise. Empty when it is no time. */
export function clockWords(at: string, now: Date, language: string): string {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return '';
  const time = when.toLocaleTimeString(language, { timeStyle: 'short' });
  if (when.toDateString() === now.toDateString()) return time;
  return `${when.toLocaleDateString(language, { month: 'short', day: 'numeric' })} ${time}`;
}

/** The note and, apart, the advice it ends with (seed 004 §3 sets it off): from the last sentence that begins so. */
export function noteParts(note: string): { readonly said: string; readonly advice: string } {
  const at = note.search(/(?<=^|[.!?]\s+)(Recommend|Empfehl)[^.!?]*[.!?]?\s*$/);
  return at < 0 ? { said: note, advice: '' } : { said: note.slice(0, at).trim(), advice: note.slice(at).trim() };
}
