// Tests what the console reads from one journey's journal.

import { describe, expect, it } from 'vitest';
import { firstBrokenLink, handoffsIn, holdingsIn, type JournalEvent } from './journal.ts';

const at = (second: number) => `2026-05-10T12:00:${String(second).padStart(2, '0')}.000Z`;
const ms = (second: number) => Date.parse(at(second));
const entry = (version: number, type: string, body: JournalEvent['body'] = {}): JournalEvent => ({
  version,
  type,
  at: at(version),
  actor: 'throughline',
  body,
  hash: `h${version}`,
  prevHash: `h${version - 1}`,
});

const journal = [
  entry(1, 'InteractionOpened', { channel: 'voice' }),
  entry(2, 'LegAttached', { platform: 'genesys_cloud' }),
  entry(3, 'EscalationRequested', { handoffId: 'i.1', kind: 'escalation' }),
  entry(4, 'HandoffSettled', { handoffId: 'i.1', outcome: 'refused', reason: 'queue-not-found' }),
  entry(5, 'EscalationRequested', { handoffId: 'i.2', kind: 'escalation' }),
  entry(6, 'HolderChanged', { holder: 'queue', epoch: 2 }),
  entry(7, 'HolderChanged', { holder: 'agent', epoch: 3 }),
];

describe('a journal', () => {
  it('says who held the customer, without a gap, up to who holds them now (H2)', () => {
    expect(holdingsIn(journal)).toEqual([
      { holder: 'bot', epoch: 1, from: ms(1), to: ms(6) },
      { holder: 'queue', epoch: 2, from: ms(6), to: ms(7) },
      { holder: 'agent', epoch: 3, from: ms(7), to: null },
    ]);
  });

  it('says who held them last when the contact is over', () => {
    const over = [...journal, entry(8, 'HolderChanged', { holder: 'none', epoch: 4 }), entry(9, 'InteractionEnded')];
    expect(holdingsIn(over).at(-1)).toEqual({ holder: 'agent', epoch: 3, from: ms(7), to: ms(8) });
  });

  it('says which handoffs there were and how each ended', () => {
    expect(handoffsIn(journal)).toEqual([
      {
        id: 'i.1',
        kind: 'escalation',
        askedAt: ms(3),
        settledAt: ms(4),
        outcome: 'refused',
        reason: 'queue-not-found',
      },
      { id: 'i.2', kind: 'escalation', askedAt: ms(5), settledAt: null, outcome: null, reason: null },
    ]);
  });

  it('shows where a link of the chain is broken (H8)', () => {
    expect(firstBrokenLink(journal)).toBeNull();
    expect(firstBrokenLink(journal.filter(({ version }) => version !== 4))).toBe(5);
  });
});
