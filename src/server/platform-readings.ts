// Owns what a monitor is told of the platforms: their breakers, logins and quota, as this node sees them.

import type { Reading } from './metrics.ts';
import type { ServedPlatform } from './parts.ts';

type Health = ReturnType<ServedPlatform['health']>;

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const;

type Kept = Pick<Reading, 'name' | 'type'> & {
  readonly labels?: Reading['labels'];
  readonly of: (health: Health) => number | undefined;
};

const KEPT: readonly Kept[] = [
  { name: 'throughline_platform_ok', type: 'gauge', of: ({ ok }) => Number(ok) },
  {
    name: 'throughline_breaker_state',
    type: 'gauge',
    labels: { of: 'calls' },
    of: ({ breaker }) => breaker && BREAKER[breaker.calls],
  },
  {
    name: 'throughline_breaker_state',
    type: 'gauge',
    labels: { of: 'logins' },
    of: ({ breaker }) => breaker && BREAKER[breaker.logins],
  },
  { name: 'throughline_breaker_openings_total', type: 'counter', of: ({ counts }) => counts?.openings },
  { name: 'throughline_logins_total', type: 'counter', of: ({ counts }) => counts?.logins },
  { name: 'throughline_quota_limit_per_minute', type: 'gauge', of: ({ governor }) => governor?.limitPerMinute },
  { name: 'throughline_quota_used_per_minute', type: 'gauge', of: ({ governor }) => governor?.usedInLastMinute },
  { name: 'throughline_quota_slice_per_minute', type: 'gauge', of: ({ governor }) => governor?.slice },
  { name: 'throughline_quota_waiting', type: 'gauge', of: ({ governor }) => governor?.waiting },
];

export function platformReadings(platforms: readonly Pick<ServedPlatform, 'name' | 'health'>[]): readonly Reading[] {
  return KEPT.flatMap(({ name, type, labels, of }) =>
    platforms.map((platform) => ({
      name,
      type,
      labels: { platform: platform.name, ...labels },
      value: () => of(platform.health()) ?? null,
    })),
  );
}
