// Owns the briefing as the agent sees it, in the order of seed 004 §3's card, and the list of what was shown (the receipt).

import type { Briefing } from './briefing.ts';
import { type Child, drawing, element } from './markup.ts';
import {
  clockWords,
  durationWords,
  moodOf,
  noteParts,
  plainValue,
  stepWords,
  triggerWords,
  valueWords,
  wordsOf,
} from './readable.ts';
import type { Texts } from './texts.ts';

/** What a view is made with. `copy` makes the button that copies a value; `shown` takes the name of a field on the card. */
export type Rendering = {
  readonly texts: Texts;
  readonly language: string;
  readonly now: Date;
  readonly copy: (what: string, value: string, label?: string) => HTMLElement;
  readonly shown: (field: string) => void;
};

export function briefingView(briefing: Briefing, how: Rendering): HTMLElement {
  const { texts } = how;
  return element(
    'article',
    { class: 'card', 'aria-labelledby': 'trigger' },
    element('p', { class: 'over' }, texts.heading),
    ...opening(briefing, how),
    facts(briefing, how),
    known(briefing, how),
    collected(briefing, how),
    note(briefing, how),
    intents(briefing, how),
    journey(briefing, how),
    more(briefing, how),
    lost(briefing, how),
    element('footer', {}, how.copy(texts.heading, asText(briefing, how), texts.copyAll)),
  );
}

export function triggerOf({ manifest: { trigger } }: Briefing, texts: Texts): string {
  return trigger ? triggerWords(trigger, texts) : texts.title;
}

/** The briefing for a note field or a message to a colleague. */
function asText(briefing: Briefing, how: Rendering): string {
  const { texts, language } = how;
  const { sentiment_trend: mood, session_duration_seconds: seconds, agent_briefing: said } = briefing.manifest;
  const { intents_detected: intents = [], slots_collected: slots = {} } = briefing.manifest;
  const open = intents.filter(({ resolved }) => resolved !== true).map(({ intent }) => wordsOf(intent));
  const lines = [
    [texts.trigger, triggerOf(briefing, texts)],
    [texts.sentiment, mood && moodOf(mood, texts).words],
    [texts.duration, seconds !== undefined && durationWords(seconds)],
    ...knownIn(briefing, how).map(({ label, words }) => [label, words]),
    ...Object.entries(slots).map(([name, value]) => [wordsOf(name), valueWords(value, language, texts)]),
    [texts.note, said],
    [texts.unresolved, open.join(', ')],
  ];
  return lines
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function opening(briefing: Briefing, { texts, shown }: Rendering): readonly Child[] {
  const { trigger, trigger_utterance: words } = briefing.manifest;
  if (trigger !== undefined) shown('trigger');
  if (words) shown('trigger_utterance');
  return [
    element(
      'h1',
      { id: 'trigger', tabindex: '-1' },
      element('span', { class: 'unseen' }, `${texts.trigger}: `),
      triggerOf(briefing, texts),
    ),
    words ? element('blockquote', { class: 'words' }, `“${words}”`) : null,
  ];
}

function facts({ manifest, handoff }: Briefing, { texts, shown }: Rendering): Child {
  const { sentiment_trend: sentiment, session_duration_seconds: seconds } = manifest;
  const list = element('dl', { class: 'facts' });
  if (sentiment) {
    shown('sentiment_trend');
    const { valence, trend, words } = moodOf(sentiment, texts);
    const value = element('dd', {}, drawing(valence), words, trend && drawing(trend));
    list.append(element('div', { class: valence }, element('dt', { class: 'unseen' }, texts.sentiment), value));
  }
  if (seconds !== undefined) {
    shown('session_duration_seconds');
    list.append(fact(texts.duration, durationWords(seconds)));
  }
  if (handoff.queue) {
    shown('queue');
    list.append(fact(texts.queue, wordsOf(handoff.queue)));
  }
  return list.childElementCount > 0 && list;
}

function fact(name: string, value: string): HTMLElement {
  return element('div', {}, element('dt', {}, name), element('dd', {}, value));
}

function part(name: string, heading: string, ...children: readonly Child[]): HTMLElement {
  return element(
    'section',
    { class: name, 'aria-labelledby': `${name}-heading` },
    element('header', {}, element('h2', { id: `${name}-heading` }, heading)),
    ...children,
  );
}

/** What came along from before the bot, each where the bot has not said it itself. */
const KNOWN = ['intent', 'authenticationStatus', 'accountNumber'] as const;

type Row = { readonly name: string; readonly label: string; readonly value: string; readonly words: string };

/** What the agent needs first, then all the rest: at a platform that carries few values, this page is where they are read. */
function knownIn(
  { whole: { context }, manifest }: Briefing,
  { texts, language }: Pick<Rendering, 'texts' | 'language'>,
): readonly Row[] {
  const said = new Set<unknown>([
    ...Object.values(manifest.slots_collected ?? {}),
    ...(manifest.intents_detected ?? []).map(({ intent }) => intent),
  ]);
  const first = KNOWN.flatMap((name) => {
    const value = context[name];
    if (value === undefined || value === '' || said.has(value)) return [];
    return [{ name, label: texts.known[name], value, words: name === 'accountNumber' ? value : wordsOf(value) }];
  });
  const { attributes = {}, ...named } = context;
  const rest = Object.entries({ ...attributes, ...named }).flatMap(([name, given]) => {
    const value = Array.isArray(given) ? given.map(plainValue).join(' ') : plainValue(given);
    if ((KNOWN as readonly string[]).includes(name) || value.trim() === '' || said.has(given)) return [];
    return [
      { name, label: wordsOf(name), value, words: Array.isArray(given) ? value : valueWords(given, language, texts) },
    ];
  });
  return [...first, ...rest];
}

function known(briefing: Briefing, how: Rendering): Child {
  const rows = knownIn(briefing, how).map(({ name, label, value, words }) => {
    how.shown(`context.${name}`);
    return element(
      'div',
      {},
      element('dt', {}, label),
      element('dd', { class: 'value' }, words),
      element('dd', { class: 'copying' }, how.copy(label, value)),
    );
  });
  return rows.length > 0 && part('known', how.texts.knownBefore, element('dl', { class: 'slots' }, ...rows));
}

function collected({ manifest }: Briefing, { texts, language, copy, shown }: Rendering): Child {
  const slots = Object.entries(manifest.slots_collected ?? {}).filter(([, value]) => plainValue(value).trim() !== '');
  if (slots.length === 0) {
    return manifest.slots_collected && part('collected', texts.collected, element('p', {}, texts.nothingCollected));
  }
  const rows = slots.map(([name, value]) => {
    shown(`slots_collected.${name}`);
    const words = wordsOf(name);
    return element(
      'div',
      {},
      element('dt', {}, words),
      element('dd', { class: 'value' }, valueWords(value, language, texts)),
      element('dd', { class: 'copying' }, copy(words, plainValue(value))),
    );
  });
  return part('collected', texts.collected, element('dl', { class: 'slots' }, ...rows));
}

function note({ manifest }: Briefing, { texts, copy, shown }: Rendering): Child {
  const text = manifest.agent_briefing;
  if (!text?.trim()) return null;
  shown('agent_briefing');
  const { said, advice } = noteParts(text);
  const section = part(
    'note',
    texts.note,
    said !== '' && element('p', {}, said),
    advice !== '' && element('p', { class: 'advice' }, drawing('bolt'), element('span', {}, advice)),
  );
  section.firstElementChild?.append(copy(texts.note, text));
  return section;
}

function intents({ manifest }: Briefing, { texts, shown }: Rendering): Child {
  const all = manifest.intents_detected ?? [];
  if (all.length === 0) return null;
  shown('intents_detected');
  const settled = all.filter(({ resolved }) => resolved === true);
  const open = all.filter(({ resolved }) => resolved !== true);
  const rows = open.map(({ intent, confidence }) =>
    element(
      'li',
      {},
      wordsOf(intent),
      confidence !== undefined && element('span', { class: 'sure' }, texts.sure(Math.round(confidence * 100))),
    ),
  );
  const done = `${texts.resolved}: ${settled.map(({ intent }) => wordsOf(intent)).join(', ')}`;
  return part(
    'intents',
    open.length > 0 ? texts.unresolved : texts.resolved,
    open.length > 0 && element('ul', {}, ...rows),
    settled.length > 0 && element('p', { class: 'settled' }, done),
  );
}

/** Steps between two systems, which say nothing to whoever talks to the customer. */
const QUIET: ReadonlySet<string> = new Set(['context-attached', 'place-reserved', 'transfer-accepted', 'sms-sent']);

function journey({ journey: steps }: Briefing, { texts, language, now, shown }: Rendering): Child {
  if (steps.length === 0) return null;
  shown('journey');
  const rows = steps
    .filter(({ what }) => !QUIET.has(what))
    .map(({ at, what, by }) =>
      element(
        'li',
        {},
        element('span', {}, stepWords(what, by, texts)),
        element('time', { datetime: at }, clockWords(at, now, language)),
      ),
    );
  return part('journey', texts.journey, element('ol', {}, ...rows));
}

const PLACED: ReadonlySet<string> = new Set([
  'trigger',
  'trigger_utterance',
  'session_duration_seconds',
  'intents_detected',
  'slots_collected',
  'sentiment_trend',
  'agent_briefing',
]);

/** Whatever else the bot said, fields of its own included: nothing disappears unseen (H4). */
function more({ manifest }: Briefing, { texts, language, shown }: Rendering): Child {
  const rest = Object.entries(manifest).filter(([name, value]) => !PLACED.has(name) && plainValue(value) !== '');
  if (rest.length === 0) return null;
  const rows = rest.map(([name, value]) => {
    shown(name);
    const words = name === 'bot_confidence_at_exit' ? texts.sure(Math.round(Number(value) * 100)) : null;
    return element(
      'div',
      {},
      element('dt', {}, wordsOf(name)),
      element('dd', {}, words ?? valueWords(value, language, texts)),
    );
  });
  return part('more', texts.more, element('dl', { class: 'slots' }, ...rows));
}

/** What was masked or withheld (H4). What travelled by reference is here, so the agent misses nothing. */
function lost({ loss }: Briefing, { texts, shown }: Rendering): Child {
  const kept = loss.filter(({ carriedBy }) => carriedBy !== 'reference');
  if (kept.length === 0) return null;
  shown('loss');
  const rows = kept.map(({ field, carriedBy }) =>
    element(
      'li',
      {},
      wordsOf(field.split('.').at(-1) ?? field),
      element('span', { class: 'how' }, carriedBy === 'masked' ? texts.masked : texts.withheldHow),
    ),
  );
  return part('lost', texts.withheld, element('ul', {}, ...rows));
}
