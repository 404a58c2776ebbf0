// Owns the part of a platform's entry in the configuration file that is about TLS: which version at least, whom we trust, and who we are.
// Files are named here and read by the composition root.

import { z } from 'zod';

export const clientTlsConfig = z
  .strictObject({
    /** TLS 1.2 only for a platform that has no newer one. */
    minVersion: z.enum(['1.2', '1.3']).default('1.3'),
    /** PEM. Trusted instead of the authorities that Node.js brings along. */
    caFile: z.string().min(1).optional(),
    /** PEM, ours, with what it was issued by: mutual TLS. */
    certFile: z.string().min(1).optional(),
    keyFile: z.string().min(1).optional(),
    /** Calls a platform beyond this machine without TLS of ours: only where something in between sees to it, such as a mesh's sidecar. */
    allowPlainHttp: z.boolean().optional(),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    path: ['keyFile'],
    message: 'give both of certFile and keyFile, or neither',
    // Also where something else is wrong: everything is told together.
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

export type ClientTlsConfig = z.output<typeof clientTlsConfig>;

/** What it comes to once the files are read. PEM. */
export type ClientTls = {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
};
