// Owns who is signed in. The key is sent once and kept nowhere.

import { signal } from '@preact/signals';
import { onSessionEnded, read, SESSION, send } from './service.ts';

export type Session = { readonly name: string; readonly scopes: readonly string[]; readonly expiresAt: string };

/** Undefined until the service has said; null when nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);

export async function restoreSession(): Promise<void> {
  session.value = await read<Session>(SESSION).catch(() => null);
}

/** Throws what the service says when it refuses the key. */
export async function signIn(key: string): Promise<void> {
  session.value = await send<Session>('POST', SESSION, { key });
}

export async function signOut(): Promise<void> {
  await send('DELETE', SESSION).catch(() => null);
  session.value = null;
}

export function mayUse(scope: string): boolean {
  const scopes = session.value?.scopes ?? [];
  return scopes.includes(scope) || scopes.includes('admin');
}

onSessionEnded(() => {
  session.value = null;
});
