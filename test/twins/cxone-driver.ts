// Owns how the CXone twin's own tests drive it: in one process on a virtual clock, with the vendor's paths (ACD and digital),
// the control surface, and whatever its scripts post elsewhere.

import { type CxoneTwin, type CxoneTwinOptions, createCxoneTwin } from '../../src/twins/cxone/cxone-twin.ts';
import { DEMO_ACCESS_KEY, DEMO_CXONE_CLIENT } from '../../src/twins/cxone/tenant.ts';
import { seededRandom } from '../../src/twins/seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../../src/twins/virtual-clock.ts';
import type { Answer } from './twin-driver.ts';

/** Answers are read as loosely as a client in another language would read them. */
type Loose = ReturnType<typeof JSON.parse>;

export type CxoneDriver = {
  readonly clock: VirtualClock;
  readonly twin: CxoneTwin;
  /** What the scripts told, oldest first. */
  readonly told: Readonly<Record<string, string>>[];
  /** `path` begins behind `…/services/v30.0`. */
  acd(method: string, path: string, body?: unknown, token?: string): Promise<Answer<Loose>>;
  /** `path` begins behind `/dfo/3.0`. */
  dfo(method: string, path: string, body?: unknown): Promise<Answer<Loose>>;
  control(method: string, path: string, body?: unknown): Promise<Answer<Loose>>;
  raw(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<Loose>>;
  /** A contact's whole view. */
  view(contactId: string): Promise<Loose>;
  /** Makes a conversation; its contact id. */
  create(body: unknown): Promise<string>;
  events(): string[];
};

/** `elsewhere` answers what scripts post to anything but the hook. */
export async function driveCxone(
  options: Partial<CxoneTwinOptions> = {},
  elsewhere: typeof fetch = async () => new Response(null, { status: 503 }),
): Promise<CxoneDriver> {
  const clock = options.clock === undefined ? createVirtualClock() : (options.clock as VirtualClock);
  const told: Record<string, string>[] = [];
  const twin = createCxoneTwin({
    random: seededRandom(1),
    hook: { url: 'http://hook.test/hooks/cxone', headers: { 'x-throughline-secret': 'a-secret' } },
    async fetch(input, init) {
      const request = new Request(input, init);
      if (new URL(request.url).host !== 'hook.test') return elsewhere(input, init);
      told.push((await request.json()) as Record<string, string>);
      return new Response(null, { status: 204 });
    },
    ...options,
    clock,
  });

  async function raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const form = body instanceof URLSearchParams;
    const init = { method, headers, ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }) };
    const response = await twin.fetch(`http://cxone.twin${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  const granted = await raw('POST', '/authentication/v1/token/access-key', DEMO_ACCESS_KEY);
  const own = String(granted.body.access_token);
  const asked =
    (base: string) =>
    (method: string, path: string, body?: unknown, token: string = own) =>
      raw(method, `${base}${path}`, body, token === '' ? {} : { Authorization: `Bearer ${token}` });
  const control: CxoneDriver['control'] = (method, path, body) => raw(method, `/twin${path}`, body);
  return {
    clock,
    twin,
    told,
    raw,
    control,
    acd: asked('/incontactapi/services/v30.0'),
    dfo: asked('/dfo/3.0'),
    view: async (contactId) => (await control('GET', `/conversations/${contactId}`)).body,
    create: async (body) => (await control('POST', '/conversations', body)).body.contactId,
    events: () => told.map(({ event, reason }) => (reason === undefined ? `${event}` : `${event}:${reason}`)),
  };
}

/** What the demo client sends to the central token endpoint. */
export function passwordGrant(): { readonly headers: Record<string, string>; readonly form: URLSearchParams } {
  const { clientId, clientSecret } = DEMO_CXONE_CLIENT;
  return {
    headers: { Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    form: new URLSearchParams({
      grant_type: 'password',
      username: DEMO_ACCESS_KEY.accessKeyId,
      password: DEMO_ACCESS_KEY.accessKeySecret,
    }),
  };
}
