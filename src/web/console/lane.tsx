// Owns a journey drawn small: three stations, bot, queue and agent, and where the customer is. It moves when they move.

import { isMoving, type Journey } from './journey.ts';
import { isTrouble } from './words.ts';

const STATIONS: Readonly<Record<string, number>> = { bot: 0, queue: 1, agent: 2 };

export function Lane({ journey }: { readonly journey: Journey }) {
  const { holder, outcome, phase } = journey;
  const at = STATIONS[holder];
  const far = at ?? (outcome === 'completed' ? 2 : 0);
  const mood = isTrouble(outcome) && phase === 'settled' ? ' trouble' : '';
  const over = at === undefined ? ' over' : '';
  return (
    <div class={`lane${isMoving(journey) ? ' moving' : ''}${over}${mood}`} style={{ '--at': far }} aria-hidden="true">
      <i class="track" />
      <i class="way" />
      <i class="station" />
      <i class="station" />
      <i class="station" />
      <i class="customer" />
    </div>
  );
}
