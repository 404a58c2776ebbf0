// Owns what is shown where there is no conversation to show: in plain words, what has happened and what can be done.

import type { Help } from './chat-service.ts';
import { button, element } from './element.ts';
import type { Texts } from './texts.ts';

export type Ways = {
  readonly here?: { readonly label: string; readonly act: () => void };
  readonly fresh: () => void;
};

export function helpView(code: string, { fresh, phone }: Help, texts: Texts, ways: Ways): HTMLElement {
  const [title, words] = texts.help[code] ?? texts.help['claim-unknown'] ?? [texts.heading, ''];
  const number = phone?.replace(/[^\d+]/g, '') ?? '';
  return element(
    'section',
    { class: 'help', 'data-help': code },
    element('h1', { tabindex: '-1' }, title),
    element('p', {}, words),
    ways.here && button(ways.here.label, ways.here.act),
    fresh && button(texts.startFresh, ways.fresh, ways.here ? 'plain' : ''),
    number !== '' && element('a', { class: 'call', href: `tel:${number}` }, texts.call(phone ?? '')),
  );
}
