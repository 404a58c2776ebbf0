// Owns how the twin's own tests drive it: in one process on a virtual clock, with the vendor's paths and the control surface
// at hand. Answers are read as loosely as a client in another language would read them.

import { createGenesysTwin, type GenesysTwin, type GenesysTwinOptions } from '../../src/twins/genesys/genesys-twin.ts';
import { DEMO_CLIENT } from '../../src/twins/genesys/organisation.ts';
import { seededRandom } from '../../src/twins/seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../../src/twins/virtual-clock.ts';

/** One answer: its status, its headers and what its JSON holds. */
export type Answer<Body> = { readonly status: number; readonly headers: Headers; readonly body: Body };

export type TwinDriver = {
  readonly clock: VirtualClock;
  readonly twin: GenesysTwin;
  /** With the demo client's token, unless another is given ('' for none). */
  api<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<Answer<Body>>;
  control<Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<Body>>;
  login(clientId?: string, clientSecret?: string): Promise<string>;
};

export async function driveTwin(options: Partial<GenesysTwinOptions> = {}): Promise<TwinDriver> {
  const clock = options.clock === undefined ? createVirtualClock() : (options.clock as VirtualClock);
  const twin = createGenesysTwin({ random: seededRandom(1), ...options, clock });

  async function send(method: string, path: string, body: unknown, headers: Record<string, string>) {
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await twin.fetch(`http://genesys.twin${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  async function login(clientId: string = DEMO_CLIENT.clientId, clientSecret: string = DEMO_CLIENT.clientSecret) {
    const response = await twin.fetch('http://genesys.twin/oauth/token', {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return String(((await response.json()) as { access_token?: string }).access_token);
  }

  const ownToken = await login();
  return {
    clock,
    twin,
    login,
    api: (method, path, body, token = ownToken) =>
      send(method, path, body, token === '' ? {} : { Authorization: `Bearer ${token}` }),
    control: (method, path, body) => send(method, `/twin${path}`, body, {}),
  };
}
