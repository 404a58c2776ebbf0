import { describe, expect, it } from 'vitest';
import { compareManifests, lostSlots } from './read-back.ts';

const sent = {
  trigger: 'DialogueEnded',
  intents_detected: [{ intent: 'A' }, { intent: 'B', resolved: true }],
  slots_collected: { city: 'Oslo', times: ['11', 'eleven'] },
  of_the_bot: { own: { deep: 1 } },
  nothing: {},
};

describe('a manifest read back', () => {
  it('counts every top-level field, every slot and every intent', () => {
    expect(compareManifests(sent, structuredClone(sent))).toEqual({ fields: 7, lost: [] });
  });

  it('names everything that did not come back equal (H4)', () => {
    const received = {
      ...sent,
      intents_detected: [{ intent: 'A' }, { intent: 'B', resolved: false }],
      slots_collected: { times: ['11'] },
    };
    const back = compareManifests(sent, received);
    expect(back.lost).toEqual(['intents_detected.1', 'slots_collected.city', 'slots_collected.times']);
    expect(lostSlots(back)).toEqual(['slots_collected.city', 'slots_collected.times']);
  });

  it('has lost everything where nothing could be read', () => {
    expect(compareManifests(sent, undefined).lost).toHaveLength(7);
  });

  it('is not confused by what came back beside', () => {
    expect(compareManifests({ trigger: 'x' }, { trigger: 'x', more: 'y' })).toEqual({ fields: 1, lost: [] });
  });
});
