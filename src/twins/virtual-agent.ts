// Owns how a virtual agent takes what it is offered, the same at every vendor's twin, and what the control surface asks of a
// new one.

import { z } from 'zod';

/** `manual` rings until told to answer, `hangs` rings for ever. */
const ANSWERS = ['auto', 'manual', 'declines', 'hangs'] as const;
export type Answers = (typeof ANSWERS)[number];

/** What `POST /twin/agents` takes. */
export const newAgentSchema = z.strictObject({
  name: z.string().min(1),
  queues: z.array(z.string()),
  answers: z.enum(ANSWERS).default('auto'),
  afterMs: z.number().min(0).default(300),
  /** Writes by itself to customers of message conversations. */
  talks: z.boolean().optional(),
});
