// Owns who a person's own token speaks for: the platform is asked with that very token, and a token that was minted for another
// application is not taken. The token is sent to the platform alone, and is in no outcome.

import type { Clock } from '../../clock.ts';
import type { AgentId } from '../../ids.ts';
import type { Failure, Outcome } from '../../outcome.ts';
import { exchange, type Fetch, type HttpAnswer } from '../http.ts';
import { httpFailure } from '../http-failure.ts';
import type { Call, PlatformUser } from '../platform.ts';
import { readAs } from '../read-as.ts';
import { wireTokenInfo, wireUserMe } from './genesys-wire.ts';

export type UserIdentityOptions = {
  readonly apiUrl: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly timeoutMs: number;
};

const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * `GET /api/v2/users/me` says who it is, `GET /api/v2/tokens/me` for which OAuth client the token was minted (`TokenInfo`, the
 * vendor's SDK). One that says nothing of its client is refused: an application of somebody else's could have been given it.
 */
export function userIdentity(options: UserIdentityOptions) {
  const read = async (path: string, token: string, call: Call): Promise<Outcome<HttpAnswer>> => {
    const url = `${options.apiUrl}${path}`;
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const wire = { ...options, maxBytes: MAX_ANSWER_BYTES };
    const answer = await exchange({ method: 'GET', url, headers }, call, wire);
    if (answer.kind !== 'answer') return answer;
    const failure = httpFailure({ method: 'GET' }, answer, options.clock.now());
    if (failure === undefined) return { kind: 'done', value: answer };
    // It is the person's token, so there is no other to try: what the gate refuses is refused.
    return failure.code === 'unauthorized' ? refused('unauthorized') : failure;
  };

  return async (
    { token, clientId }: { readonly token: string; readonly clientId: string },
    call: Call,
  ): Promise<Outcome<PlatformUser>> => {
    const [info, me] = await Promise.all([
      read('/api/v2/tokens/me', token, call).then((answer) => readAs(wireTokenInfo, answer)),
      read('/api/v2/users/me', token, call).then((answer) => readAs(wireUserMe, answer)),
    ]);
    if (info.kind !== 'done') return info;
    if (info.value.OAuthClient?.id !== clientId) return refused('forbidden');
    if (me.kind !== 'done') return me;
    const { id, name } = me.value;
    if (id == null) return { kind: 'transient', code: 'unexpected-answer', detail: 'the user has no id' };
    return { kind: 'done', value: { id: id as AgentId, name: name ?? '' } };
  };
}

function refused(code: 'unauthorized' | 'forbidden'): Failure {
  return { kind: 'rejected', code };
}
