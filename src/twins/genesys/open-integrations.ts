// Owns the organisation's open messaging integrations: under which name a customer's own middleware is known, and where and under which
// secret what agents write is posted (Genesys help, "Configure an open messaging integration").

import type { Clock } from '../../clock.ts';

/** Help: "more than 15 characters". */
export const SHORTEST_SECRET = 16;

export type OpenIntegration = {
  readonly id: string;
  readonly createdAt: number;
  modifiedAt: number;
  name: string;
  webhookUrl: string;
  secret: string;
  headers: Readonly<Record<string, string>>;
};
export type IntegrationSettings = Pick<OpenIntegration, 'name' | 'webhookUrl' | 'secret' | 'headers'>;

/** Fixed, so that documents and configurations may name it. It is there once something says where it posts to. */
export const OPEN_INTEGRATION_ID = '7c0d2b10-0001-4a00-8a00-000000000001';
const OPEN_INTEGRATION_NAME = 'Web chat';

export type OpenIntegrations = ReturnType<typeof createOpenIntegrations>;

/** `given`: where the built-in one posts to. */
export function createOpenIntegrations(
  { clock, uuid }: { readonly clock: Clock; readonly uuid: () => string },
  given: Pick<IntegrationSettings, 'webhookUrl' | 'secret'> | undefined,
) {
  const byId = new Map<string, OpenIntegration>();
  function add(settings: IntegrationSettings, id = uuid()): OpenIntegration {
    const now = clock.now();
    const added = { ...settings, id, createdAt: now, modifiedAt: now };
    byId.set(id, added);
    return added;
  }
  if (given !== undefined) add({ ...given, name: OPEN_INTEGRATION_NAME, headers: {} }, OPEN_INTEGRATION_ID);
  return {
    all: (): readonly OpenIntegration[] => [...byId.values()],
    get: (id: string) => byId.get(id),
    add: (settings: IntegrationSettings) => add(settings),
    change(integration: OpenIntegration, settings: Partial<IntegrationSettings>): void {
      Object.assign(integration, settings, { modifiedAt: clock.now() });
    },
    remove: (id: string) => byId.delete(id),
  };
}
