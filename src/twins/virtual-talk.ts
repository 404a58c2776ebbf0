// Owns what a virtual agent writes to a customer when nobody tells them what to say: a greeting that shows they have read what came along, an
// answer to each message, and a goodbye. The same at every vendor's twin; plain rules, no chance.

export type Talk = {
  /** What the customer is told, one message each. */
  readonly says: readonly string[];
  /** The agent takes leave after it. */
  readonly leaves: boolean;
};

/** How long one writes at a message before it is sent, ms. */
export const WRITING_MS = 1_200;

const FAREWELL = /^\W*(no|nope|thanks|thank you|bye|goodbye|that(’|')?s (all|it)|nothing)\b/i;

/** `matter`: the intent that came along, if any. */
export function greetingOf(name: string, matter: string | undefined): string {
  const about = matter === undefined ? '' : ` It is about your ${matter.replaceAll(/[_-]+/g, ' ')}, I see.`;
  const [first = name] = name.split(' ');
  return `Hello, this is ${first}. I have read what you told our assistant, so you need not repeat it.${about} What can I do for you?`;
}

/** `heard`: how many messages of the customer came before this one. */
export function answerTo(text: string, heard: number): Talk {
  if (FAREWELL.test(text)) return { says: ['You are welcome. Goodbye!'], leaves: true };
  if (heard === 0)
    return {
      says: [
        'Thank you, I am looking into it. One moment, please.',
        'Done: I have put it right. Is there anything else?',
      ],
      leaves: false,
    };
  return { says: ['I have noted that as well, and see to it today. Is there anything else?'], leaves: false };
}
