// Owns the way of files into and out of a conversation: only with its session, or by a signed link that is good for a short while. What is
// sent out is never shown inside a page of ours: it cannot run anything here.

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { requireSession } from './chat.ts';
import type { ChatFiles, FileRefusal, KeptFile } from './chat-files.ts';
import { ChatSessions } from './chat-sessions.ts';
import { json, problems } from './describing.ts';
import type { ServerEnv, ServerParts } from './parts.ts';
import { Problem, type ProblemCode } from './problems.ts';
import { bodyAtMost } from './request-bodies.ts';
import { clientAddress, requireSameOrigin } from './request-site.ts';
import { durable } from './taking.ts';
import { WrongAttempts } from './wrong-attempts.ts';

/** Room beside the file itself for what surrounds it. */
const tags = ['Conversations'];
const fileView = z.object({ ref: z.string(), name: z.string(), mime: z.string(), bytes: z.number().int() });

const takeRoute = createRoute({
  method: 'post',
  path: '/c/files',
  summary: 'Bring a file into the conversation',
  description:
    'The body is the file. It is looked at by the configured scanner before anybody sees it, and kept sealed. What it says of its kind is not believed: its beginning is.',
  tags,
  security: [],
  request: { query: z.strictObject({ name: z.string().min(1).max(255) }) },
  responses: { 201: json('Taken; name it in a message', fileView), ...problems },
});

const giveRoute = createRoute({
  method: 'get',
  path: '/c/files/{ref}',
  summary: 'A file of the conversation',
  tags,
  security: [],
  request: {
    params: z.object({ ref: z.string().max(64) }),
    query: z.object({ until: z.string().regex(/^\d+$/).optional(), sign: z.string().max(64).optional() }),
  },
  responses: { 200: { description: 'The file' }, ...problems },
});

const PROBLEM_OF: Readonly<Record<FileRefusal, ProblemCode>> = {
  'file-too-large': 'body-too-large',
  'file-type-refused': 'file-type-refused',
  'file-infected': 'file-infected',
  'file-not-scanned': 'file-not-scanned',
};

export function chatFileRoutes(parts: ServerParts, files: ChatFiles): OpenAPIHono<ServerEnv> {
  const app = new OpenAPIHono<ServerEnv>();
  const sessions = new ChatSessions(parts);
  const uploads = new WrongAttempts(parts.clock);
  app.use('/c/files', bodyAtMost(files.limits.largestBytes));

  app.openapi(takeRoute, async (c) => {
    requireSameOrigin(c, parts);
    const { interactionId } = requireSession(c, sessions);
    // Scanning costs: an address that sends files all the time waits, whatever they are.
    const address = clientAddress(c, parts);
    uploads.mayTry(address);
    uploads.note(address);
    const content = new Uint8Array(await c.req.arrayBuffer());
    const file = await durable(files.take(interactionId, c.req.valid('query').name, content));
    if ('refused' in file) throw new Problem(PROBLEM_OF[file.refused], { limitBytes: files.limits.largestBytes });
    const { ref, name, mime, bytes } = file;
    return c.json({ ref, name, mime, bytes }, 201);
  });

  app.openapi(giveRoute, async (c) => {
    const { ref } = c.req.valid('param');
    const { until, sign } = c.req.valid('query');
    const file =
      until !== undefined && sign !== undefined
        ? await files.openLink(ref, Number(until), sign)
        : await files.open(requireSession(c, sessions).interactionId, ref);
    if (!file) throw new Problem('file-not-found');
    return given(file);
  });
  return app;
}

function given({ mime, name, content }: KeptFile): Response {
  return new Response(content as Uint8Array<ArrayBuffer>, {
    headers: {
      'content-type': mime,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    },
  });
}
