// Owns how the ACD lists: what was updated since the poll before, the asked columns, pages with links, and 204 where a poll
// finds nothing new.

import type { ApiCall, ApiResult } from './api.ts';
import { refuse } from './api.ts';

type Row = Readonly<Record<string, unknown>>;
/** A row, and when it last changed (epoch ms). */
export type Dated = { readonly row: Row; readonly updatedAt: number };

export type Listing = {
  /** The property that holds the rows. */
  readonly name: string;
  readonly rows: readonly Dated[];
  readonly now: number;
  readonly extra?: Row;
};

const LARGEST_PAGE = 10_000;

export function list({ request }: ApiCall, { name, rows, now, extra = {} }: Listing): ApiResult {
  const { query, path } = request;
  const since = query.get('updatedSince') ?? query.get('UpdatedSince');
  const sinceMs = since === null ? undefined : Date.parse(since);
  if (Number.isNaN(sinceMs)) return refuse(400, 'invalid_request', 'updatedSince is not a date');
  const skip = whole(query.get('skip'), 0);
  const top = whole(query.get('top'), LARGEST_PAGE);
  if (skip === undefined || top === undefined || top < 1 || top > LARGEST_PAGE) {
    return refuse(400, 'invalid_request', `top must be from 1 to ${LARGEST_PAGE} and skip must not be negative`);
  }
  // The instant itself counts as new: what changed in the millisecond of the last poll may not have been in it.
  const fresh = sinceMs === undefined ? rows : rows.filter((each) => each.updatedAt >= sinceMs);
  if (sinceMs !== undefined && fresh.length === 0) return { status: 204 };
  const page = fresh.slice(skip, skip + top);
  const link = (from: number) => {
    const turned = new URLSearchParams(query);
    turned.set('skip', String(from));
    turned.set('top', String(top));
    return `${path}?${turned}`;
  };
  const more = skip + top < fresh.length;
  return {
    status: 200,
    body: {
      ...extra,
      totalRecords: fresh.length,
      _links: {
        self: link(skip),
        next: more ? link(skip + top) : '',
        previous: skip > 0 ? link(Math.max(0, skip - top)) : '',
      },
      lastPollTime: new Date(now).toISOString(),
      [name]: page.map(({ row }) => columns(row, query.get('fields'))),
    },
  };
}

/** Only the asked columns, where any are asked for. */
export function columns(row: Row, fields: string | null): Row {
  if (fields === null || fields === '') return row;
  const asked = new Set(fields.split(',').map((each) => each.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(row).filter(([name]) => asked.has(name.toLowerCase())));
}

function whole(text: string | null, otherwise: number): number | undefined {
  if (text === null) return otherwise;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
