// Tests how an interaction's journal reads as a journey.

import { describe, expect, it } from 'vitest';
import { JOURNEY_WORDS, journeyOf } from './journey.ts';

const entry = (type: string, clear: object = {}, actor = 'throughline') => ({
  type,
  at: 1,
  actor,
  clear: JSON.stringify(clear),
});
const steps = (...entries: ReturnType<typeof entry>[]) => journeyOf(entries).map(({ what, by }) => `${what} ${by}`);

describe('a journey', () => {
  it('tells of a second conversation, not of the first', () => {
    expect(steps(entry('InteractionOpened', {}, 'api:flow'), entry('LegAttached'), entry('LegAttached'))).toEqual([
      'contact-started customer',
      'conversation-added throughline',
    ]);
  });

  it.each(['bot', 'queue', 'agent'])('says that the %s has the customer', (holder) => {
    expect(steps(entry('HolderChanged', { holder }, 'platform:genesys_cloud'))).toEqual([`with-${holder} ${holder}`]);
  });

  it('says when nobody has them any more', () => {
    expect(steps(entry('HolderChanged', { holder: 'none' }, 'platform:genesys_cloud'))).toEqual([
      'with-nobody platform',
    ]);
  });

  it('tells of a transfer: who wanted it, that the call came in, and that it was put back', () => {
    const wanted = (initiatedBy: string) => entry('TransferRequested', { initiatedBy }, 'api:desk');
    expect(steps(wanted('agent'), wanted('bot'), wanted('system'))).toEqual([
      'transfer-requested agent',
      'transfer-requested bot',
      'transfer-requested throughline',
    ]);
    const across = ['PlaceReserved', 'ReservationRedeemed', 'ConsultationBegun', 'ReturnBegun'];
    expect(steps(...across.map((type) => entry(type, {}, 'api:entry')))).toEqual([
      'place-reserved bot',
      'call-arrived platform',
      'consultation-begun agent',
      'put-back throughline',
    ]);
  });

  it('has a word for every way a handoff settles', () => {
    for (const outcome of [
      'completed',
      'declined',
      'expired',
      'refused',
      'cancelled',
      'superseded',
      'compensated',
      'dead_lettered',
    ]) {
      expect(JOURNEY_WORDS).toContain(`handoff-${outcome}`);
      expect(steps(entry('HandoffSettled', { outcome }))).toEqual([`handoff-${outcome} throughline`]);
    }
  });

  it('says by which kind of actor, never by which key', () => {
    const by = (actor: string) => journeyOf([entry('ContextChanged', {}, actor)]).map((step) => step.by);
    expect(['api:secret-name', 'console:ops', 'platform:x', 'throughline'].flatMap(by)).toEqual([
      'bot',
      'operator',
      'platform',
      'throughline',
    ]);
  });

  it('leaves out what says nothing to people', () => {
    expect(
      steps(entry('StepDelayed'), entry('AttendanceChanged'), entry('HolderChanged', { holder: 'new-kind' })),
    ).toEqual([]);
  });
});
