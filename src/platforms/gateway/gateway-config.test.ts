import { describe, expect, it } from 'vitest';
import { type GatewayConfig, gatewayConfig } from './gateway-config.ts';

const BASE = { kind: 'gateway', baseUrl: 'https://gateway.example/' };
const CLIENT = { tokenUrl: 'https://login.example/token', clientId: 'c' };
const HOOK = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const faults = (entry: object) =>
  (gatewayConfig.safeParse(entry).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a gateway in the configuration', () => {
  it('has an address and a token, and the rest has defaults', () => {
    const entry: GatewayConfig = gatewayConfig.parse({ ...BASE, tokenEnv: 'ACME_TOKEN' });
    expect(entry).toEqual({
      kind: 'gateway',
      baseUrl: 'https://gateway.example',
      tokenEnv: 'ACME_TOKEN',
      rateLimitPerMinute: 600,
      hookSecrets: [],
      tls: { minVersion: '1.3' },
    });
    expect(
      faults({ ...BASE, ...CLIENT, clientSecretEnv: 'ACME_SECRET', scope: 'all', hookSecrets: [HOOK, HOOK] }),
    ).toEqual([]);
  });

  it.each([
    ['nothing to sign in with', {}, 'token: give token or tokenEnv, or tokenUrl with client credentials'],
    ['two tokens', { token: 'a', tokenEnv: 'B' }, 'token: give only one of token and tokenEnv'],
    ['a token and a client', { token: 'a', ...CLIENT }, 'token: give a token or client credentials, not both'],
    ['a client without a secret', CLIENT, 'clientSecret: give exactly one of clientSecret and clientSecretEnv'],
    [
      'a client without an id',
      { tokenUrl: CLIENT.tokenUrl, clientSecret: 's' },
      'clientId: is missing beside tokenUrl',
    ],
    [
      'a client without a URL',
      { clientId: 'c', clientSecret: 's' },
      'tokenUrl: is missing beside the client credentials',
    ],
    [
      'a hook secret that is none',
      { token: 'a', hookSecrets: ['hunter2-hunter2-hunter2'] },
      'hookSecrets.0: must be whsec_ and the base64 of at least 24 random bytes',
    ],
  ])('is refused with %s', (_what, entry, fault) => {
    expect(faults({ ...BASE, ...entry })).toEqual([fault]);
  });

  it('echoes no secret in a complaint', () => {
    const told = JSON.stringify(
      faults({ ...BASE, token: 'sesame-1', tokenEnv: 'X', clientSecret: 'sesame-2', hookSecrets: ['sesame-3'] }),
    );
    expect(told).not.toContain('sesame');
  });
});
