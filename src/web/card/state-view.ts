// Owns what the card shows while there is no briefing: one line of what is, one of what to do, and at most one button.

import type { CardState } from './briefing.ts';
import { element } from './markup.ts';
import type { Texts } from './texts.ts';

export type Deed = 'sign-in' | 'retry';

type Words = { readonly title: string; readonly help?: string; readonly deed?: Deed; readonly button?: string };

export function stateView(state: Exclude<CardState, { kind: 'ready' }>, texts: Texts, act: (deed: Deed) => void) {
  const { title, help, deed, button } = wordsFor(state, texts);
  const busy = state.kind === 'loading' || state.kind === 'signing-in' || state.kind === 'waiting';
  const view = element(
    'div',
    { class: 'state', 'data-state': state.kind },
    busy && element('div', { class: 'spinner', 'aria-hidden': 'true' }),
    element('h1', { tabindex: '-1' }, title),
    help !== undefined && element('p', {}, help),
  );
  if (deed) {
    const pressed = element('button', { type: 'button', class: 'main' }, button ?? texts.retry);
    pressed.addEventListener('click', () => act(deed));
    view.append(pressed);
  }
  return { view, title };
}

function wordsFor(state: Exclude<CardState, { kind: 'ready' }>, texts: Texts): Words {
  switch (state.kind) {
    case 'loading':
      return { title: texts.loading };
    case 'signing-in':
      return { title: texts.signingIn };
    case 'unaddressed':
      return { title: texts.unaddressed, help: texts.unaddressedHelp };
    case 'not-configured':
      return { title: texts.notConfigured, help: texts.notConfiguredHelp };
    case 'signed-out':
      return signedOutWords(state.because, texts);
    case 'unopened':
      return state.because === 'spent'
        ? { title: texts.spent, help: texts.spentHelp }
        : { title: texts.unopened, help: texts.unopenedHelp };
    case 'not-yours':
      return { title: texts.notYours, help: texts.notYoursHelp, deed: 'retry' };
    case 'waiting':
      return { title: texts.waiting, help: texts.waitingHelp };
    case 'expired':
      return { title: texts.expired, help: texts.expiredHelp };
    case 'failed':
      return { title: texts.failed, help: texts.failedHelp, deed: 'retry' };
  }
}

function signedOutWords(because: 'no-session' | 'refused' | 'no-window', texts: Texts): Words {
  const deed = 'sign-in';
  if (because === 'refused') {
    return { title: texts.refused, help: texts.refusedHelp, deed, button: texts.signInAgain };
  }
  const help = because === 'no-window' ? texts.noWindowHelp : texts.signedOutHelp;
  return { title: texts.signedOut, help, deed, button: texts.signIn };
}
