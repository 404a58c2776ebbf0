// Owns every word the card says, per language. A language is whole or it does not compile.

const en = {
  title: 'Briefing',
  heading: 'Bot handoff summary',
  loading: 'Loading bot context…',
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  signedOut: 'Sign in to read this briefing',
  signedOutHelp: 'Briefings are shown only to the agent who takes part in the conversation.',
  noWindowHelp: 'The browser kept the sign-in window shut. Allow pop-ups for this desktop and try again.',
  signingIn: 'Signing you in…',
  refused: 'The platform did not sign you in',
  refusedHelp: 'Try again. If it happens twice, ask your administrator whether you may use this card.',
  notYours: 'This is not your conversation',
  notYoursHelp: 'Only agents who take part in it can read its briefing. Accept the conversation, then try again.',
  waiting: 'No briefing yet',
  waitingHelp: 'It appears here as soon as the bot hands over.',
  expired: 'This briefing has expired',
  expiredHelp: 'What the bot said is kept for a limited time. The conversation’s own history is still on the platform.',
  failed: 'The briefing could not be loaded',
  failedHelp: 'Trying again by itself. You can talk to the customer meanwhile.',
  unaddressed: 'No conversation chosen',
  unaddressedHelp: 'Open this card from a conversation on your desktop.',
  notConfigured: 'No card for this platform',
  notConfiguredHelp: 'Your administrator has not set it up here. You can talk to the customer meanwhile.',
  retry: 'Try again',
  trigger: 'Trigger',
  sentiment: 'Sentiment',
  duration: 'Session duration',
  queue: 'Queue',
  collected: 'Collected data',
  note: 'Agent note',
  unresolved: 'Still unresolved',
  resolved: 'Resolved by the bot',
  journey: 'Journey so far',
  more: 'More from the bot',
  withheld: 'Not shown here',
  nothingCollected: 'The bot collected nothing.',
  copy: 'Copy',
  copyOf: (what: string) => `Copy ${what}`,
  copied: 'Copied',
  notCopied: 'Could not be copied',
  copyAll: 'Copy as text',
  ready: (trigger: string) => `Briefing loaded. ${trigger}`,
  sure: (percent: number) => `${percent}% sure`,
  masked: 'masked',
  withheldHow: 'withheld',
  yes: 'yes',
  no: 'no',
  negative: 'Negative',
  neutral: 'Neutral',
  positive: 'Positive',
  escalating: 'escalating',
  improving: 'improving',
  stable: 'stable',
  byOperator: 'by an operator',
  triggers: {
    CustomerRequested: 'Customer requested',
    BotConfused: 'Bot could not follow',
    LowConfidence: 'Bot was unsure',
    SentimentNegative: 'Customer was upset',
    PolicyRequired: 'A person is required',
  } as Readonly<Record<string, string>>,
  steps: {
    'contact-started': 'Customer got in touch',
    'conversation-added': 'Went on in another conversation',
    'context-changed': 'More became known',
    'escalation-requested': 'Bot asked for a person',
    'context-attached': 'Context put on the conversation',
    'transfer-accepted': 'Platform took the transfer',
    'handoff-completed': 'Handed over',
    'handoff-declined': 'Handoff declined',
    'handoff-expired': 'Handoff ran out of time',
    'handoff-refused': 'Handoff refused',
    'handoff-cancelled': 'Handoff cancelled',
    'handoff-superseded': 'Another handoff took its place',
    'handoff-compensated': 'Handoff taken back',
    'handoff-dead_lettered': 'Handoff left to a person',
    'with-bot': 'With the bot',
    'with-queue': 'Waiting in the queue',
    'with-agent': 'With an agent',
    'with-nobody': 'With nobody',
    'wrapped-up': 'Wrapped up',
    'contact-ended': 'Contact ended',
  } as Readonly<Record<string, string>>,
};

export type Texts = typeof en;

const de: Texts = {
  title: 'Briefing',
  heading: 'Übergabe vom Bot',
  loading: 'Bot-Kontext wird geladen…',
  signIn: 'Anmelden',
  signInAgain: 'Erneut anmelden',
  signedOut: 'Zum Lesen bitte anmelden',
  signedOutHelp: 'Ein Briefing sieht nur, wer als Agent am Gespräch teilnimmt.',
  noWindowHelp:
    'Der Browser hat das Anmeldefenster nicht geöffnet. Erlauben Sie Pop-ups für diesen Desktop und versuchen Sie es erneut.',
  signingIn: 'Anmeldung läuft…',
  refused: 'Die Plattform hat die Anmeldung abgelehnt',
  refusedHelp:
    'Bitte erneut versuchen. Klappt es wieder nicht, weiß die Administration, ob Sie diese Karte nutzen dürfen.',
  notYours: 'Das ist nicht Ihr Gespräch',
  notYoursHelp:
    'Nur beteiligte Agenten können das Briefing lesen. Nehmen Sie das Gespräch an und versuchen Sie es erneut.',
  waiting: 'Noch kein Briefing',
  waitingHelp: 'Es erscheint hier, sobald der Bot übergibt.',
  expired: 'Dieses Briefing ist abgelaufen',
  expiredHelp:
    'Was der Bot gesagt hat, wird nur begrenzt aufbewahrt. Den Gesprächsverlauf finden Sie weiterhin auf der Plattform.',
  failed: 'Das Briefing konnte nicht geladen werden',
  failedHelp: 'Es wird von selbst erneut versucht. Sie können inzwischen mit dem Kunden sprechen.',
  unaddressed: 'Kein Gespräch ausgewählt',
  unaddressedHelp: 'Öffnen Sie diese Karte aus einem Gespräch auf Ihrem Desktop.',
  notConfigured: 'Keine Karte für diese Plattform',
  notConfiguredHelp:
    'Die Administration hat sie hier nicht eingerichtet. Sie können inzwischen mit dem Kunden sprechen.',
  retry: 'Erneut versuchen',
  trigger: 'Auslöser',
  sentiment: 'Stimmung',
  duration: 'Sitzungsdauer',
  queue: 'Warteschlange',
  collected: 'Erfasste Daten',
  note: 'Hinweis für Sie',
  unresolved: 'Noch ungelöst',
  resolved: 'Vom Bot gelöst',
  journey: 'Bisheriger Weg',
  more: 'Außerdem vom Bot',
  withheld: 'Hier nicht gezeigt',
  nothingCollected: 'Der Bot hat nichts erfasst.',
  copy: 'Kopieren',
  copyOf: (what) => `${what} kopieren`,
  copied: 'Kopiert',
  notCopied: 'Kopieren nicht möglich',
  copyAll: 'Als Text kopieren',
  ready: (trigger) => `Briefing geladen. ${trigger}`,
  sure: (percent) => `zu ${percent} % sicher`,
  masked: 'maskiert',
  withheldHow: 'zurückgehalten',
  yes: 'ja',
  no: 'nein',
  negative: 'Negativ',
  neutral: 'Neutral',
  positive: 'Positiv',
  escalating: 'zunehmend',
  improving: 'bessert sich',
  stable: 'gleichbleibend',
  byOperator: 'durch die Leitung',
  triggers: {
    CustomerRequested: 'Kunde verlangt einen Menschen',
    BotConfused: 'Bot kam nicht weiter',
    LowConfidence: 'Bot war unsicher',
    SentimentNegative: 'Kunde ist verärgert',
    PolicyRequired: 'Ein Mensch ist vorgeschrieben',
  },
  steps: {
    'contact-started': 'Kunde meldet sich',
    'conversation-added': 'Weiter in einem anderen Gespräch',
    'context-changed': 'Mehr wurde bekannt',
    'escalation-requested': 'Bot bittet um einen Menschen',
    'context-attached': 'Kontext am Gespräch hinterlegt',
    'transfer-accepted': 'Plattform nimmt die Übergabe an',
    'handoff-completed': 'Übergeben',
    'handoff-declined': 'Übergabe abgelehnt',
    'handoff-expired': 'Übergabe zu spät',
    'handoff-refused': 'Übergabe verweigert',
    'handoff-cancelled': 'Übergabe abgebrochen',
    'handoff-superseded': 'Durch andere Übergabe ersetzt',
    'handoff-compensated': 'Übergabe zurückgenommen',
    'handoff-dead_lettered': 'Übergabe wartet auf einen Menschen',
    'with-bot': 'Beim Bot',
    'with-queue': 'Wartet in der Warteschlange',
    'with-agent': 'Bei einem Agenten',
    'with-nobody': 'Bei niemandem',
    'wrapped-up': 'Nachbearbeitet',
    'contact-ended': 'Kontakt beendet',
  },
};

/** By their two letters. */
export const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

/** The first language asked for that we speak (`de-AT` is German), else English. */
export function textsFor(asked: readonly string[]): { readonly language: string; readonly texts: Texts } {
  for (const tag of asked) {
    const language = tag.toLowerCase().split('-')[0] ?? '';
    const texts = Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : undefined;
    if (texts) return { language: isLanguageTag(tag) ? tag : language, texts };
  }
  return { language: 'en', texts: en };
}

/** A browser's own setting need not be one: `en-US@posix` has been seen. */
function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
