import { describe, expect, it } from 'vitest';
import { botSession } from './bot-session.ts';

describe('botSession', () => {
  it('takes a session with everything in it', () => {
    const session = {
      turns: [
        {
          speaker: 'customer',
          text: 'Hi',
          at: '2026-05-10T08:00:00+02:00',
          confidence: 0.8,
          intents: [{ intent: 'A', confidence: 0.5, resolved: true, model: 'v2' }],
          slots: { amount: { value: 3 } },
          sentiment: -0.5,
        },
        { speaker: 'bot', text: '', sentiment: 'neutral' },
      ],
      startedAt: '2026-05-10T06:00:00Z',
      endedAt: '2026-05-10T06:01:00.5Z',
      trigger: 't',
      triggerUtterance: 'u',
      briefing: 'b',
      recommendedQueue: 'q',
    };
    expect(botSession.parse(session)).toEqual(session);
    expect(botSession.parse({ turns: [] })).toEqual({ turns: [] });
  });

  it.each([
    { turns: [{ speaker: 'agent', text: 'x' }] },
    { turns: [{ speaker: 'bot' }] },
    { turns: [{ speaker: 'bot', text: 'x', at: 'yesterday' }] },
    { turns: [{ speaker: 'bot', text: 'x', sentiment: 'furious' }] },
    { turns: [{ speaker: 'bot', text: 'x', confidence: 80 }] },
    { turns: [], started: 'x' },
    {},
  ])('refuses %j', (bad) => {
    expect(botSession.safeParse(bad).success).toBe(false);
  });
});
