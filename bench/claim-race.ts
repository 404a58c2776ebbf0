// Owns the race for links on a large scale: so many links, each claimed by eight devices at once over the served API. One winner each, and
// everybody else is told of it (H7). `npx node bench/claim-race.ts --races 10000`; ends with 1 when a link had another number of winners.

import { parseArgs } from 'node:util';
import { claim, deflect } from '../test/contract/deflection-stage.ts';
import { serve } from '../test/contract/served.ts';

const DEVICES = 8;

const { values } = parseArgs({ options: { races: { type: 'string', default: '10000' } } });
const races = Number(values.races);
await using served = await serve();
const began = performance.now();
let fair = 0;
for (let race = 0; race < races; race += 1) {
  const { token } = await deflect(served, { conversationId: `voice-${race}`, ani: '+14155551234' });
  const answers = await Promise.all(
    Array.from({ length: DEVICES }, (_, n) => claim(served, token, `digital-${race}-${n}`)),
  );
  const won = answers.filter(({ body }) => body.state === 'claimed').length;
  const told = answers.filter(({ body }) => body.state === 'already_active').length;
  if (won === 1 && told === DEVICES - 1) fair += 1;
}
const tookSec = (performance.now() - began) / 1_000;
console.log(`${races} links, ${DEVICES} devices each: ${fair} with exactly one winner, in ${tookSec.toFixed(1)} s`);
process.exitCode = fair === races ? 0 : 1;
