// Owns the counts that a monitor scrapes (Prometheus text format 0.0.4): read off what is committed and answered, in clear
// columns only.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Journal } from '../journal/journal.ts';
import { authenticated, needs } from './auth.ts';
import { problems } from './describing.ts';
import type { Keys } from './keys.ts';
import type { ServerEnv } from './parts.ts';

/** Upper bounds in seconds, from our own milliseconds to a handoff's last moment. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

type Labels = Readonly<Record<string, string>>;

/** A number that somebody else keeps, read when it is asked for; null leaves it out. */
export type Reading = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly labels?: Labels;
  readonly value: () => number | null;
};

export class Metrics {
  readonly #counters = new Map<string, Map<string, number>>();
  readonly #histograms = new Map<string, { readonly counts: number[]; sum: number }>();

  readonly #readings: readonly Reading[];

  constructor(journal: Journal, readings: readonly Reading[] = []) {
    this.#readings = readings;
    journal.onCommit((events) => {
      for (const { type, clear } of events) {
        this.count('throughline_events_total', { type });
        if (type === 'HandoffSettled') this.#settled(JSON.parse(clear));
      }
    });
  }

  count(name: string, labels: Labels): void {
    const series = this.#counters.get(name) ?? new Map<string, number>();
    const key = written(labels);
    this.#counters.set(name, series.set(key, (series.get(key) ?? 0) + 1));
  }

  observe(name: string, seconds: number): void {
    const histogram = this.#histograms.get(name) ?? { counts: BOUNDS.map(() => 0).concat(0), sum: 0 };
    const index = BOUNDS.findIndex((bound) => seconds <= bound);
    const bucket = index === -1 ? BOUNDS.length : index;
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += seconds;
    this.#histograms.set(name, histogram);
  }

  #settled({ kind, platform, channel, outcome, durationMs, vendorMs }: Record<string, unknown>): void {
    const labels = { kind, platform, channel, outcome };
    this.count('throughline_handoffs_settled_total', mapped(labels));
    if (typeof durationMs !== 'number' || typeof vendorMs !== 'number') return;
    this.observe('throughline_handoff_duration_seconds', durationMs / 1000);
    this.observe('throughline_handoff_own_seconds', Math.max(0, durationMs - vendorMs) / 1000);
  }

  text(): string {
    const counters = [...this.#counters].flatMap(([name, series]) => [
      `# TYPE ${name} counter`,
      ...[...series].map(([labels, value]) => `${name}${labels} ${value}`),
    ]);
    const histograms = [...this.#histograms].flatMap(([name, { counts, sum }]) => {
      const upTo = (index: number) => counts.slice(0, index + 1).reduce((total, count) => total + count, 0);
      return [
        `# TYPE ${name} histogram`,
        ...counts.map((_, index) => `${name}_bucket{le="${BOUNDS[index] ?? '+Inf'}"} ${upTo(index)}`),
        `${name}_sum ${sum}`,
        `${name}_count ${upTo(BOUNDS.length)}`,
      ];
    });
    const readings = [...Map.groupBy(this.#readings, ({ name }) => name)].flatMap(([name, some]) => {
      const lines = some.flatMap(({ labels, value }) => {
        const read = value();
        return read === null ? [] : [`${name}${labels ? written(labels) : ''} ${read}`];
      });
      return lines.length === 0 ? [] : [`# TYPE ${name} ${some[0]?.type}`, ...lines];
    });
    return `${[...counters, ...histograms, ...readings].join('\n')}\n`;
  }
}

/** Counts answers by method, route and status; never by path, which could be somebody's. */
export function countAnswers(metrics: Metrics): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    await next();
    const route = routePath(c, -1);
    metrics.count('throughline_http_answers_total', {
      method: c.req.method,
      route: route.endsWith('*') ? 'unmatched' : route,
      status: String(c.res.status),
    });
  };
}

export function metricsRoutes(keys: Keys, metrics: Metrics): OpenAPIHono<ServerEnv> {
  const route = createRoute({
    method: 'get',
    path: '/metrics',
    summary: 'Counts for a monitor (Prometheus text)',
    tags: ['Operations'],
    middleware: [authenticated(keys), needs('reports')],
    responses: { 200: { description: 'Counts', content: { 'text/plain': { schema: z.string() } } }, ...problems },
  });
  const app = new OpenAPIHono<ServerEnv>();
  app.openapi(route, (c) =>
    c.text(metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  return app;
}

function mapped(labels: Readonly<Record<string, unknown>>): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value ?? '')]));
}

function written(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/["\\\n]/g, '_')}"`);
  return `{${pairs.join(',')}}`;
}
