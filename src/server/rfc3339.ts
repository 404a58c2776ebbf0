// Owns how times are written and read on the wire: RFC 3339 in UTC, milliseconds.

import { z } from '@hono/zod-openapi';
import type { Instant } from '../ids.ts';

export function rfc3339(instant: Instant): string {
  return new Date(instant).toISOString();
}

export const time = z.iso
  .datetime({ offset: true })
  .openapi({ format: 'date-time', example: '2026-11-20T09:30:00.000Z' });
