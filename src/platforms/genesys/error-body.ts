// Owns what may be told of a Genesys refusal: its stable code, the sentence without its parameters (those can name people,
// addresses and numbers) and the correlation id that Genesys support asks for. Pure.

import { type HttpAnswer, readJson } from '../http.ts';
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

/** Begins only where a word does: tried at every letter of a long word it would take quadratic time. */
const EMAIL = /(?<![^\s@"'<>])[^\s@"'<>]+@[^\s@"'<>]+/g;
/** Ids of Genesys, which say where to look and nothing of a person. In a group, so that `split` keeps them. */
const UUID = /(?<![0-9a-z])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z])/i;
const LONG_NUMBER = /\+?\d(?:[\s().-]?\d){6,}/g;

function impersonal(sentence: string): string {
  const parts = sentence.replace(EMAIL, '[address]').split(UUID);
  const told = parts.map((part, index) => (index % 2 === 1 ? part : part.replace(LONG_NUMBER, '[number]')));
  return told.join('').slice(0, 240);
}
