import { describe, expect, it } from 'vitest';
import { auditSentence } from './audit.ts';

describe('the audit, in words', () => {
  it('says that the journal is whole, with its seals where there are some (H8)', () => {
    expect(auditSentence({ ok: true, events: 7, seals: null, firstBad: null })).toBe(
      'The journal is whole: 7 events, every one follows from the one before.',
    );
    expect(auditSentence({ ok: true, events: 7, seals: 2, firstBad: null })).toContain('7 events, 2 seals');
  });

  it('names the first event that does not follow', () => {
    const said = auditSentence({ ok: false, events: 7, firstBad: { interactionId: 'i', version: 3 } });
    expect(said).toContain('NOT whole');
    expect(said).toContain('"version":3');
  });
});
