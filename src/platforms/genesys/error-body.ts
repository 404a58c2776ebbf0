// Owns what may be told of a Genesys refusal: its stable code, the sentence without its parameters (those can name people,
// addresses and numbers) and the correlation id that Genesys support asks for. Pure.

import { type HttpAnswer, readJson } from '../http.ts';
import { impersonal } from '../impersonal.ts';
import { wireErrorBody } from './genesys-wire.ts';

/** One line about a refusal, or undefined when the answer says nothing about itself. */
export function refusalDetail(answer: Pick<HttpAnswer, 'headers' | 'body'>): string | undefined {
  const read = wireErrorBody.safeParse(readJson(answer.body));
  const { code, message, messageWithParams } = read.success ? read.data : {};
  const correlation = answer.headers.get('inin-correlation-id');
  const parts = [
    code == null ? undefined : impersonal(code),
    messageWithParams == null ? message && impersonal(message) : impersonal(messageWithParams),
    correlation === null ? undefined : `(correlation ${correlation.slice(0, 64)})`,
  ].filter((part) => part != null && part !== '');
  return parts.length === 0 ? undefined : parts.join(' ');
}
