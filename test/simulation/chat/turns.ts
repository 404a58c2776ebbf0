// Owns whoever carries a talk themselves and asks a bot for its turns, with the epoch that they know: now and then an old one. A turn of a
// former holder's is refused (H2).

import type { Matter } from '../desk.ts';
import { Violation } from '../violation.ts';
import type { World } from '../world.ts';
import { BOT, UTTERANCES } from './front-desk.ts';

export class Turns {
  readonly #world: World;
  readonly #report: (violation: Violation) => void;
  #asked = 0;

  constructor(world: World, report: (violation: Violation) => void) {
    this.#world = world;
    this.#report = report;
  }

  ask({ interactionId: id = '', conversation }: Matter): void {
    const { chance, desk, ledger } = this.#world;
    const epochThen = ledger.get(id)?.epoch ?? 0;
    this.#asked += 1;
    const epoch = Math.max(0, epochThen - (chance.happens(0.4) ? 1 : 0));
    const body = { interactionId: id, epoch, id: `turn-${this.#asked}`, utterance: chance.of(...UTTERANCES) };
    desk.say('POST', `/v1/bots/${BOT}/turns`, [id, conversation.id], body, {}, ({ status }) => {
      if (status !== 200 || epoch >= epochThen) return;
      const message = `a turn of epoch ${epoch} is taken, and it had been ${epochThen} when it was asked for`;
      this.#report(new Violation('H2', message, [id]));
    });
  }
}
