// Owns what may be told of a CXone refusal: the ACD's error and description, or what it says in a header only, or the digital side's
// list; never what could name a person. Pure.

import { type HttpAnswer, readJson } from '../http.ts';
import { impersonal } from '../impersonal.ts';
import { wireErrorBody } from './cxone-wire.ts';

/** One line about a refusal, or undefined when the answer says nothing about itself. */
export function refusalDetail(answer: Pick<HttpAnswer, 'headers' | 'body'>): string | undefined {
  const read = wireErrorBody.safeParse(readJson(answer.body));
  const body = read.success ? read.data : undefined;
  const digital = body?.errors?.[0];
  const said = [
    typeof body?.error === 'string' ? body.error : undefined,
    body?.error_description ?? body?.errorDescription ?? body?.message,
    digital?.errorCode == null ? undefined : String(digital.errorCode),
    digital?.message,
    answer.headers.get('icstatusdescription'),
  ].filter((part) => part != null && part !== '');
  const unique = [...new Set(said)].map((part) => impersonal(part ?? ''));
  const uid = body?.uid == null || body.uid === '' ? [] : [`(uid ${body.uid.slice(0, 64)})`];
  const parts = [...unique, ...uid];
  return parts.length === 0 ? undefined : parts.join(' ').slice(0, 400);
}
