// Tests that whoever takes over a conversation of ours finds what the bot told behind the reference that travels with it (H4), and that it goes with
// an erasure.

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { openChatStage } from '../../test/contract/chat-stage.ts';
import { GENESYS } from '../../test/contract/served.ts';
import { whole } from '../protocols/interaction.ts';
import { keepReference } from './kept-manifest.ts';

const LONG = 'I was charged twice, and then again. '.repeat(20).trim();

it('what is too long for an attribute is behind the reference, whole, until the interaction is erased', async () => {
  await using stage = await openChatStage();
  const { policy } = stage.parts;
  stage.vendor.desk = { ...policy, desk: { platform: GENESYS, deduplicates: false } };
  stage.vendor.keepReference = (id) => keepReference(stage.parts, id);
  stage.vendor.bot = ({ prompt }) => ({
    messages: [],
    actions:
      prompt.kind === 'text'
        ? [
            {
              kind: 'redirect',
              queue: 'General_Support',
              resume: true,
              manifest: { slots_collected: { topic: 'bill' } },
            },
          ]
        : [],
    memory: null,
  });
  const { token, interactionId } = await stage.deflected();
  const { cookie } = await stage.session({ token, device: randomUUID() });
  const customer = await stage.connect(cookie);
  await customer.say(LONG);
  await stage.runner.watch(interactionId, ({ chats }) => chats?.[0]?.desk != null, 5_000);
  const handoff = whole((await stage.runner.read(interactionId))?.state).settled.at(-1);
  expect(handoff).toMatchObject({
    kind: 'escalation',
    outcome: 'completed',
    loss: expect.arrayContaining([{ field: 'manifest', limit: '256 bytes', carriedBy: 'reference' }]),
  });
  const opened = stage.vendor.commands.find(({ kind }) => kind === 'OpenConversation');
  expect(opened?.attributes).toMatchObject({ handoff_manifest_ref: handoff?.manifestRef });
  const path = `/v1/manifests/${handoff?.manifestRef}`;
  const kept = await stage.callHere('GET', path);
  expect(kept.body).toMatchObject({
    trigger: 'BotRedirected',
    trigger_utterance: LONG,
    slots_collected: { topic: 'bill' },
  });
  expect((await stage.callHere('GET', `${path}?whole=true`)).body).toMatchObject({
    context: { intent: 'billing_dispute' },
  });
  const masked = await stage.callHere('GET', `/v1/interactions/${interactionId}/journal?masked=true`);
  expect(masked.text).not.toContain('charged twice');
  await stage.runner.submit(interactionId, { kind: 'erase', actor: 'test', erasureId: 'e' });
  expect((await stage.callHere('GET', path)).status).toBe(404);
});

it('a reference that no escalation came of leads nowhere', async () => {
  await using stage = await openChatStage();
  const { interactionId } = await stage.deflected();
  const ref = await keepReference(stage.parts, interactionId);
  expect((await stage.callHere('GET', `/v1/manifests/${ref}`)).status).toBe(404);
});
