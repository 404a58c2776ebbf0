// Owns one journey as the list knows it (nothing personal), and how an event of the stream changes it.

import type { LiveEvent } from './live-stream.ts';

export const HOLDERS = ['bot', 'queue', 'agent', 'none'] as const;
export const PHASES = ['preparing', 'offered', 'committing', 'confirming', 'compensating', 'settled'] as const;
export const CHANNELS = ['voice', 'webchat', 'sms', 'message', 'email'] as const;

export type Journey = {
  readonly id: string;
  readonly version: number;
  readonly channel: string;
  readonly platform: string | null;
  readonly phase: string | null;
  readonly holder: string;
  readonly outcome: string | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
};

/** The journey after the event; the very same one when the event says nothing new; undefined when it is not ours to know. */
export function journeyAfter(before: Journey | undefined, event: LiveEvent): Journey | undefined {
  const { subject: id, time, data } = event;
  const version = versionOf(event);
  const type = event.type.replace(/^throughline\./, '');
  if (before && version <= before.version) return before;
  if (!before && type !== 'InteractionOpened') return undefined;
  const said = (name: string) => (typeof data[name] === 'string' ? data[name] : undefined);
  const from: Journey = before ?? {
    id,
    version,
    channel: said('channel') ?? '',
    platform: null,
    phase: null,
    holder: 'bot',
    outcome: null,
    createdAt: time,
    endedAt: null,
  };
  return {
    ...from,
    version,
    platform: said('platform') ?? from.platform,
    phase: said('phase') ?? from.phase,
    holder: said('holder') ?? from.holder,
    outcome: said('outcome') ?? from.outcome,
    endedAt: type === 'InteractionEnded' ? time : from.endedAt,
  };
}

/** `{interactionId}.{version}` */
function versionOf({ id }: LiveEvent): number {
  return Number(id.slice(id.lastIndexOf('.') + 1)) || 0;
}

/** A handoff is under way: somebody is about to take over. */
export function isMoving({ phase }: Pick<Journey, 'phase'>): boolean {
  return phase !== null && phase !== 'settled';
}

/** The end of an id is chance; the beginning is the time, the same for all of one minute. */
export function shortId(id: string): string {
  return id.slice(-6);
}
