// Owns the page that asks for a key.

import { useSignal } from '@preact/signals';
import { Mark } from './mark.tsx';
import { Refused } from './service.ts';
import { signIn } from './session.ts';

export function SignInPage() {
  const key = useSignal('');
  const fault = useSignal('');
  const busy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      await signIn(key.value.trim());
    } catch (error) {
      fault.value = faultWords(error);
    } finally {
      key.value = '';
      busy.value = false;
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <Mark />
        <h1>Throughline</h1>
        <p>One customer, one conversation. Sign in to see every journey move.</p>
        <label for="key">API key</label>
        <input
          id="key"
          type="password"
          autocomplete="current-password"
          required
          aria-describedby="fault"
          aria-invalid={fault.value !== ''}
          value={key.value}
          onInput={({ currentTarget }) => {
            key.value = currentTarget.value;
          }}
        />
        <p id="fault" class="trouble" role="alert">
          {fault.value}
        </p>
        <button type="submit" class="button main" disabled={busy.value}>
          {busy.value ? 'Signing in…' : 'Sign in'}
        </button>
        <p class="soft">
          <code>npm start</code> prints the key. Here is also <a href="/docs">the API</a>.
        </p>
      </form>
    </main>
  );
}

function faultWords(error: unknown): string {
  if (!(error instanceof Refused)) return 'That did not work. Try again.';
  return error.status === 401 ? 'This key is not accepted here.' : error.message;
}
