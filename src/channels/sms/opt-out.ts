// Owns what a customer's single words do: STOP and its kin end our messages, START allows them again, HELP asks for help (CTIA
// Messaging Principles §5.1.3; Twilio "Customize users' opt-in and opt-out experience"; Genesys help "SMS opt-out keywords"). Pure.

export type Keyword = 'stop' | 'start' | 'help';

/** Only a message that is the word and nothing else counts: "please don't stop" is talk. */
const KEYWORDS: Readonly<Record<string, Keyword>> = {
  STOP: 'stop',
  STOPALL: 'stop',
  'STOP ALL': 'stop',
  UNSUBSCRIBE: 'stop',
  CANCEL: 'stop',
  END: 'stop',
  QUIT: 'stop',
  REVOKE: 'stop',
  OPTOUT: 'stop',
  'OPT OUT': 'stop',
  // YES opts in at Twilio and Genesys too, but to us it is the answer to a question and no withdrawal of a STOP.
  START: 'start',
  UNSTOP: 'start',
  HELP: 'help',
  INFO: 'help',
};
const LONGEST_WORD = 40;

export type KeywordDecision = {
  /** What becomes of the number in the suppression list. */
  readonly suppression: 'add' | 'lift' | 'keep';
  /** Whether we answer; where the vendor does, a second answer would be one too many. */
  readonly reply: 'opted-out' | 'opted-in' | 'help' | null;
  /** Whether it goes on into the conversation as something the customer said. */
  readonly isTalk: boolean;
};

/** The keyword that a whole message is, whatever its case, or null. */
export function keywordIn(text: string): Keyword | null {
  if (text.length > LONGEST_WORD) return null;
  const word = text
    .trim()
    .toUpperCase()
    .replace(/^["'“”‘’.,!\s]+|["'“”‘’.,!\s]+$/g, '')
    .replace(/[\s-]+/g, ' ');
  return Object.hasOwn(KEYWORDS, word) ? (KEYWORDS[word] ?? null) : null;
}

/**
 * What a customer's message does. `vendorSaid` is the vendor's own finding where it gives one (Twilio's `OptOutType`): it wins, since
 * its words may have been configured there. The vendor blocks one sender only; we suppress the customer on all of them.
 */
export function decideKeyword(
  text: string,
  { answersKeywords, vendorSaid }: { readonly answersKeywords: boolean; readonly vendorSaid?: Keyword | null },
): KeywordDecision {
  const keyword = vendorSaid ?? keywordIn(text);
  if (keyword === null) return { suppression: 'keep', reply: null, isTalk: true };
  const reply = ({ stop: 'opted-out', start: 'opted-in', help: 'help' } as const)[keyword];
  const suppression = ({ stop: 'add', start: 'lift', help: 'keep' } as const)[keyword];
  return { suppression, reply: answersKeywords ? null : reply, isTalk: false };
}
