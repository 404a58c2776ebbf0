import { describe, expect, it } from 'vitest';
import { contextPatch, mergePatch } from '../context/interaction-context.ts';
import { contextPatches } from './replay-dialogue.ts';

const said = (more: object) => ({ speaker: 'customer' as const, text: 'x', ...more });

describe('the context, turn by turn', () => {
  it('is patched with what a turn adds, and not at all by a turn that adds nothing', () => {
    const patches = contextPatches([
      said({ intents: [{ intent: 'Find' }], slots: { city: 'Oslo' } }),
      said({ intents: [{ intent: 'Find' }], slots: { city: 'Oslo' } }),
      { speaker: 'bot', text: 'When?' },
      said({ intents: [{ intent: 'Book' }], slots: { city: 'Oslo', times: ['11', 'eleven'], guests: 2 } }),
    ]);
    expect(patches).toEqual([
      { intent: 'Find', attributes: { city: 'Oslo' } },
      { intent: 'Book', attributes: { times: '11 / eleven', guests: '2' } },
    ]);
    for (const patch of patches) expect(contextPatch.parse(patch)).toEqual(patch);
  });

  it('ends with the last intent and the last value of every slot', () => {
    const patches = contextPatches([
      said({ intents: [{ intent: 'Find' }], slots: { city: 'Oslo' } }),
      said({ slots: { city: 'Bergen' } }),
    ]);
    expect(patches.reduce<unknown>(mergePatch, {})).toEqual({ intent: 'Find', attributes: { city: 'Bergen' } });
  });
});
