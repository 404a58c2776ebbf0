// Owns the guards of our own conversations in the list of what the simulation must miss.

import type { Guard } from '../guards.ts';

const SAYING = 'src/protocols/chat-saying.ts';

const one = (file: string, text: string, instead: string) => [{ file, text, instead }];

export const CHAT_GUARDS: readonly Guard[] = [
  {
    name: 'a message is durable before it is acknowledged',
    keeps: 'acknowledged',
    without: one(
      'src/server/chat-socket.ts',
      'const reply = await this.#submit(',
      "const before = await this.#parts.runner.read(this.#id);\n    const newest = before && !isErased(before.state) ? chatOn(before.state, this.#leg)?.seq : undefined;\n    this.#send({ type: 'ack', id, seq: (newest ?? 0) + 1 });\n    const reply = await this.#submit(",
    ),
  },
  {
    name: 'a message that is sent again is kept once',
    keeps: 'acknowledged',
    without: one(SAYING, "if (isKnown(chat, { kind: 'customer' }, id)) return [];", ''),
  },
  {
    name: 'what is said by a former holder is refused',
    keeps: 'H2',
    without: [
      {
        file: SAYING,
        text: "  if (epoch !== undefined && (isStale(state.holder, epoch) || state.holder.kind !== 'bot'))\n    return [refusal(OURS, 'stale-holder')];\n",
        instead: '',
      },
      {
        file: SAYING,
        text: "  if (isStale(state.holder, epoch) || state.holder.kind !== 'bot') return [refusal(OURS, 'stale-holder')];\n",
        instead: '',
      },
    ],
  },
  {
    name: 'a device that no longer has the conversation is not heard',
    keeps: 'H7',
    without: one(
      SAYING,
      "  if (device !== undefined && device !== chat.device) return [refusal(OURS, 'chat-elsewhere')];\n  if (epoch",
      '  if (epoch',
    ),
  },
  {
    name: 'lines are shown without a gap',
    keeps: 'acknowledged',
    without: one('src/server/chat-hub.ts', 'if (first.seq !== sent + 1) return void this.#catchUp(one);', ''),
  },
  {
    name: 'another conversation takes nobody from one of ours',
    keeps: 'H6',
    without: one(
      'src/protocols/telling.ts',
      '  return isBeside(state, leg) ? bodies.filter(isNoHolder) : bodies;',
      '  return isBeside(state, leg) && state === null ? [] : bodies;',
    ),
  },
];
