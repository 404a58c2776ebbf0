// Owns how one agent is asked, by a work item, to keep free for a call that is to come (facts: no reservation of any kind). Whether it keeps a
// call away from them is up to the tenant's settings, so it is never said to be more than it is. Each bears our key as whom it is from, so that
// one whose answer was lost can be found (H5). The script ends those that nobody ends (docs/vendors/cxone/placeholder-script.md).

import type { Outcome } from '../../outcome.ts';
import { readJson, unanswered } from '../http.ts';
import type { AgentPlaceholders, Call, PlaceholderRef } from '../platform.ts';
import { readAs } from '../read-as.ts';
import type { ContactReading } from './contact-reading.ts';
import { phaseOf } from './contact-view.ts';
import type { CxoneLine } from './cxone-line.ts';
import { type WireContact, wireActiveContacts, wireStarted } from './cxone-wire.ts';

export type PlaceholdersParts = {
  readonly line: Pick<CxoneLine, 'acd'>;
  readonly contacts: Pick<ContactReading, 'read'>;
  /** The work items' point of contact: its script asks the agent. */
  readonly pointOfContact: string;
};

/** NICE's number of work items among media (help, "Manage Multiple Skills at Once"). */
const WORK_ITEMS = '6';
const TYPE = 'throughline-placeholder';

export function placeholders({ line, contacts, pointOfContact }: PlaceholdersParts): AgentPlaceholders {
  /** Those that live: the one whose contact is known, else all that bear our key. */
  const living = async ({ key, id }: PlaceholderRef, call: Call): Promise<Outcome<readonly WireContact[]>> => {
    if (id !== undefined) {
      const one = await contacts.read(id, call);
      if (one.kind === 'done') return { kind: 'done', value: phaseOf(one.value) === 'ended' ? [] : [one.value] };
      return one.kind === 'rejected' && one.code === 'not-found' ? { kind: 'done', value: [] } : one;
    }
    const query = new URLSearchParams({ mediaTypeId: WORK_ITEMS, fromAddress: key });
    const answer = await line.acd({ method: 'GET', path: `/contacts/active?${query}` }, call);
    if (answer.kind === 'done' && answer.value.status === 204) return { kind: 'done', value: [] };
    const read = readAs(wireActiveContacts, answer);
    if (read.kind !== 'done') return read;
    const ours = (read.value.activeContacts ?? []).filter((one) => one.fromAddress === key);
    return { kind: 'done', value: ours.filter((one) => phaseOf(one) !== 'ended') };
  };

  return {
    async ask({ key, agentId }, call) {
      const query = new URLSearchParams({
        pointOfContact,
        workItemId: key,
        workItemType: TYPE,
        workItemPayload: agentId,
        from: key,
      });
      const answer = await line.acd({ method: 'POST', path: `/interactions/work-items?${query}` }, call);
      if (answer.kind !== 'done') return answer;
      const read = wireStarted.safeParse(readJson(answer.value.body));
      const id = read.success ? read.data.contactId : undefined;
      return id === undefined
        ? unanswered({ method: 'POST' }, 'unexpected-answer', 'not of the documented shape')
        : { kind: 'done', value: { id } };
    },
    async look({ agentId, ...ref }, call) {
      const live = await living(ref, call);
      if (live.kind !== 'done') return live;
      if (live.value.length === 0) return { kind: 'done', value: 'none' };
      const taken = live.value.some((one) => phaseOf(one) === 'agent' && one.agentId === agentId);
      const elsewhere = live.value.every((one) => phaseOf(one) === 'agent' && one.agentId !== agentId);
      return { kind: 'done', value: taken ? 'taken' : elsewhere ? 'none' : 'asked' };
    },
    async release(ref, call) {
      const live = await living(ref, call);
      if (live.kind !== 'done') return live;
      for (const { contactId } of live.value) {
        if (contactId === undefined) continue;
        const ended = await line.acd({ method: 'POST', path: `/contacts/${contactId}/end` }, call);
        // It may have ended in between: the next look shows it.
        if (ended.kind !== 'done' && !(ended.kind === 'rejected' && isOver(ended.code))) return ended;
      }
      return { kind: 'done', value: null };
    },
  };
}

function isOver(code: string): boolean {
  return code === 'conflict' || code === 'not-found';
}
