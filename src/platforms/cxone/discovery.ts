// Owns where a tenant of CXone is: the two discovery documents, read once and kept for a while (NICE's published interface of global
// authentication). A document that cannot be read again leaves what it said before standing.

import type { Clock } from '../../clock.ts';
import type { Failure, Outcome } from '../../outcome.ts';
import type { HttpAnswer } from '../http.ts';
import { readAs } from '../read-as.ts';
import { wireOpenId, wireTenant } from './cxone-wire.ts';

/** Base URLs without a trailing slash. `digital` is absent where neither the tenant's document nor the configuration says it. */
export type Hosts = { readonly acd: string; readonly digital?: string };

export type Discovery = {
  tokenEndpoint(): Promise<Outcome<string>>;
  /** Reads the tenant's document unless the configuration says it all. */
  find(tenantId: string | undefined): Promise<Outcome<Hosts>>;
  /** What is known without asking. */
  hosts(): Hosts | undefined;
};

export type DiscoveryOptions = {
  /** Where the discovery documents are, such as `https://cxone.niceincontact.com`. */
  readonly issuerUrl: string;
  /** Given, the tenant's document is not read for them. */
  readonly apiUrl?: string;
  readonly digitalUrl?: string;
  readonly clock: Clock;
  readonly read: (url: string) => Promise<Outcome<HttpAnswer>>;
};

type Kept<Value> = { readonly value: Value; readonly readAt: number };

const KEPT_MS = 6 * 60 * 60 * 1_000;

export function discovery({ issuerUrl, apiUrl, digitalUrl, clock, read }: DiscoveryOptions): Discovery {
  const configured = apiUrl && { acd: apiUrl, ...(digitalUrl && { digital: digitalUrl }) };
  let endpoint: Kept<string> | undefined;
  let hosts: Kept<Hosts> | undefined;

  const isFresh = ({ readAt }: Kept<unknown>) => clock.monotonic() - readAt < KEPT_MS;
  const keep = <Value>(value: Value): Kept<Value> => ({ value, readAt: clock.monotonic() });

  return {
    hosts: () => configured || hosts?.value,
    async tokenEndpoint() {
      if (endpoint !== undefined && isFresh(endpoint)) return done(endpoint.value);
      const document = readAs(wireOpenId, await read(`${issuerUrl}/.well-known/openid-configuration`));
      if (document.kind !== 'done') return endpoint === undefined ? document : done(endpoint.value);
      const url = document.value.token_endpoint;
      if (!isTrusted(url, issuerUrl)) return unsafe('the token endpoint');
      endpoint = keep(url);
      return done(url);
    },
    async find(tenantId) {
      if (configured) return done(configured);
      if (hosts !== undefined && isFresh(hosts)) return done(hosts.value);
      if (tenantId === undefined) return unexpected('the token names no tenant: configure tenantId');
      const url = `${issuerUrl}/.well-known/cxone-configuration?tenantId=${encodeURIComponent(tenantId)}`;
      const document = readAs(wireTenant, await read(url));
      if (document.kind !== 'done') return hosts === undefined ? document : done(hosts.value);
      const { api_endpoint: acd, area, domain } = document.value;
      if (!isTrusted(acd, issuerUrl)) return unsafe('the API endpoint');
      const digital = digitalUrl ?? digitalHost(area, domain);
      hosts = keep({ acd: acd.replace(/\/+$/, ''), ...(digital && { digital }) });
      return done(hosts.value);
    },
  };
}

/** The scheme of every digital host (NICE's agent SDK, cxone-configuration). */
function digitalHost(area: string | null | undefined, domain: string | null | undefined): string | undefined {
  return area && domain ? `https://api-de-${area}.${domain}` : undefined;
}

/** Tokens go to no host over plain HTTP, but where everything is on this machine anyhow. */
function isTrusted(url: string, issuerUrl: string): boolean {
  return url.startsWith('https://') || issuerUrl.startsWith('http://');
}

function unsafe(what: string): Failure {
  return unexpected(`${what} that discovery names is not https`);
}

function unexpected(detail: string): Failure {
  return { kind: 'transient', code: 'unexpected-answer', detail };
}

function done<Value>(value: Value): Outcome<Value> {
  return { kind: 'done', value };
}
