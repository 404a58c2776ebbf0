// Owns the page `/card`: which conversation the URL names, what its fragment opens the card with, and the way back from the platform's
// login (`/card/signed-in`).

import type { CardAddress } from './briefing.ts';
import { takeAfterRedirect } from './sign-in.ts';
import { textsFor } from './texts.ts';
import { ThroughlineCard } from './throughline-card.ts';

const query = new URLSearchParams(location.search);
const ATTRIBUTES = { platform: 'platform', conversationId: 'conversation-id', ref: 'manifest-ref' } as const;

function addressIn(asked: URLSearchParams): CardAddress {
  const of = (name: string) => asked.get(name) ?? '';
  return { platform: of('platform'), conversationId: of('conversationId'), ref: of('ref') };
}

function dress(theme: string | null, language: string | null): ThroughlineCard | null {
  const card = document.querySelector<ThroughlineCard>('throughline-card');
  const spoken = textsFor(language ? [language] : navigator.languages);
  document.documentElement.lang = spoken.language;
  document.title = spoken.texts.title;
  if (language) card?.setAttribute('lang', language);
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
    card?.setAttribute('theme', theme);
  }
  return card;
}

function name(card: ThroughlineCard | null, address: CardAddress): void {
  for (const key of ['platform', 'conversationId', 'ref'] as const) {
    if (address[key] !== '') card?.setAttribute(ATTRIBUTES[key], address[key]);
  }
}

const returned = { code: query.get('code'), state: query.get('state') };

/** In the window that a framed card opened: hand over what came back, and close. */
function handOver(opener: Window): void {
  opener.postMessage(returned, location.origin);
  window.close();
}

/** In the very window that went to the login; `kept` is what it left here, null when it never went. */
function comeBack(kept: ReturnType<typeof takeAfterRedirect>): void {
  const address = kept?.address ?? { platform: '', conversationId: '', ref: '' };
  const shown = Object.entries({ ...address, theme: kept?.theme ?? '' }).filter(([, value]) => value !== '');
  // The code leaves the address bar and the history.
  history.replaceState(null, '', `/card?${new URLSearchParams(shown)}`);
  const card = dress(kept?.theme ?? null, null);
  name(card, address);
  customElements.define('throughline-card', ThroughlineCard);
  if (kept) void card?.resume(kept.attempt, returned);
}

/** What the desktop's script opened the page with. It leaves the address bar and the history before anything else is done with it. */
function takeReference(): string | null {
  const reference = new URLSearchParams(location.hash.slice(1)).get('reference');
  if (reference !== null) history.replaceState(null, '', `${location.pathname}${location.search}`);
  return reference;
}

function openWith(card: ThroughlineCard | null, reference: string | null): void {
  if (reference !== null) card?.open(reference);
}

if (location.pathname.endsWith('/signed-in')) {
  const kept = takeAfterRedirect(returned.state);
  // A desktop may have opened the card itself in a window: an opener alone does not make this the login's window.
  if (kept === null && window.opener) handOver(window.opener as Window);
  else comeBack(kept);
} else {
  const reference = takeReference();
  const card = dress(query.get('theme'), query.get('lang'));
  name(card, addressIn(query));
  customElements.define('throughline-card', ThroughlineCard);
  openWith(card, reference);
  // A desktop that shows its next page in the same tab changes the fragment only, and loads nothing anew.
  addEventListener('hashchange', () => openWith(card, takeReference()));
}
