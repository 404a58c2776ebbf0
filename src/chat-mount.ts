// Owns our own conversations as a part of one running service: what they are performed with, before there is a runner, and what is served of them,
// once there is one. Part of the composition root: only the service imports it.

import type { ChatSettings } from './config-chat.ts';
import type { ChatParts } from './execute-chat.ts';
import { machineClock as clock } from './machine-clock.ts';
import { chatParts, filesInto, type OpenedChat, openChat, writingTo } from './open-chat.ts';
import type { OpenPlatform } from './open-platforms.ts';
import type { DeskFile } from './platforms/desk.ts';
import type { EscalationPolicy } from './protocols/input.ts';
import { linkOf } from './server/claiming.ts';
import type { ServerParts } from './server/parts.ts';

export type MountedChat = {
  readonly parts: ChatParts;
  /** Once. Its sockets are disposed of before the runner. */
  open(server: Parameters<typeof openChat>[1] & Pick<ServerParts, 'claims'>): OpenedChat;
};

/** `policy` is read anew for every escalation. Throws where the people's platform has no door for our conversations. */
export function mountChat(
  settings: ChatSettings,
  platforms: ReadonlyMap<string, OpenPlatform>,
  policy: () => EscalationPolicy,
  keepReference?: ChatParts['keepReference'],
): MountedChat {
  const { fetch } = globalThis;
  let opened: OpenedChat | null = null;
  // A file can be named only in a conversation that is being served.
  const linkTo = ({ ref }: DeskFile) => `${settings.publicUrl}${opened?.served.files?.link(ref) ?? ''}`;
  const deskOf: Parameters<typeof chatParts>[1]['deskOf'] = (desk, link) => {
    const made = platforms.get(desk.platform)?.desk?.(desk, link);
    if (!made) throw new Error(`People of the platform ${desk.platform} cannot be reached as chat.desk says.`);
    return made;
  };
  const bringFile = filesInto(() => opened?.served.files, { fetch, clock });
  const given = { fetch, clock, policy, deskOf, bringFile, ...(keepReference && { keepReference }) };
  const parts = chatParts(settings, given, linkTo);
  return {
    parts,
    open(server) {
      const findClaim = (token: string) => linkOf(server, token);
      opened = openChat(settings, server, { fetch, findClaim, writing: writingTo(parts, clock), people: parts.desks });
      return opened;
    },
  };
}
