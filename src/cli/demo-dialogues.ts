// Owns the made-up conversations that the demonstration plays (seed 004's own example among them). Nobody in them exists.

import type { BotSession } from '../context/bot-session.ts';

export type DemoDialogue = {
  readonly who: string;
  readonly matter: string;
  readonly session: BotSession;
};

export const DEMO_DIALOGUES: readonly DemoDialogue[] = [
  {
    who: 'Ana',
    matter: 'disputes a charge and is losing patience',
    session: {
      trigger: 'CustomerRequested',
      turns: [
        {
          speaker: 'customer',
          text: 'There is a charge of $47.99 on my card that I did not make.',
          intents: [{ intent: 'DisputeCharge', confidence: 0.78, resolved: false }],
          slots: { account_number: 'ACC-987654', disputed_amount: '$47.99' },
          sentiment: 'neutral',
        },
        { speaker: 'bot', text: 'I could not find that transaction. On which day was it?' },
        {
          speaker: 'customer',
          text: 'May 10. I have told you twice already.',
          slots: { dispute_date: '2026-05-10' },
          sentiment: 'negative',
        },
        { speaker: 'bot', text: 'I could not find that transaction.', confidence: 0.42 },
        {
          speaker: 'customer',
          text: 'I just want to talk to a real person, this is ridiculous.',
          sentiment: 'negative',
        },
      ],
    },
  },
  {
    who: 'Ben',
    matter: 'asks about his bill',
    session: {
      trigger: 'CustomerRequested',
      turns: [
        {
          speaker: 'customer',
          text: 'Why is my bill higher this month?',
          intents: [{ intent: 'BillingInquiry', confidence: 0.91, resolved: false }],
          slots: { account_number: 'ACC-204417' },
          sentiment: 'neutral',
        },
        { speaker: 'bot', text: 'Your plan changed on the 3rd. Would you like somebody to look at it with you?' },
        { speaker: 'customer', text: 'Yes, please.', sentiment: 'neutral' },
      ],
    },
  },
  {
    who: 'Chi',
    matter: 'says something the bot does not understand',
    session: {
      trigger: 'LowConfidence',
      turns: [
        {
          speaker: 'customer',
          text: 'The thing with the thing from last week, the blue one.',
          intents: [{ intent: 'Unknown', confidence: 0.18, resolved: false }],
          sentiment: 'neutral',
        },
        { speaker: 'bot', text: 'Sorry, I did not get that.' },
        {
          speaker: 'customer',
          text: 'The blue one!',
          intents: [{ intent: 'Unknown', confidence: 0.12 }],
          sentiment: 'neutral',
        },
      ],
    },
  },
  {
    who: 'Dana',
    matter: 'wants to know the opening hours, and then a person',
    session: {
      trigger: 'CustomerRequested',
      turns: [
        {
          speaker: 'customer',
          text: 'Are you open on Sunday?',
          intents: [{ intent: 'OpeningHours', confidence: 0.96, resolved: true }],
          slots: { day: 'Sunday' },
          sentiment: 'positive',
        },
        { speaker: 'bot', text: 'Yes, from ten to four.' },
        { speaker: 'customer', text: 'Lovely. May I ask somebody about a gift?', sentiment: 'positive' },
      ],
    },
  },
];
