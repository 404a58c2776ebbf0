// Owns the line to one tenant: the ACD's and the digital side's paths under one credential, one token and one quota. Hosts are known
// once somebody has logged in, so that comes first.

import type { Outcome } from '../../outcome.ts';
import { type Credential, type CredentialOptions, type CredentialRequest, credential } from '../credential.ts';
import type { HttpAnswer } from '../http.ts';
import type { Call } from '../platform.ts';
import type { Tenancy } from './access-key-login.ts';
import type { Hosts } from './discovery.ts';

export type CxoneLine = {
  /** A path under `/incontactapi/services/v30.0`. */
  acd(request: CredentialRequest, call: Call): Promise<Outcome<HttpAnswer>>;
  /** A path under `/dfo/3.0`. Rejected where nobody says where the tenant's digital side is. */
  digital(request: CredentialRequest, call: Call): Promise<Outcome<HttpAnswer>>;
  readonly credential: Credential;
};

/** One spelling of several that NICE's own code uses; the vendor reads any. */
const ACD_PATH = '/incontactapi/services';
const DIGITAL_PATH = '/dfo/3.0';

export function cxoneLine(
  options: Omit<CredentialOptions, 'baseUrl'> & { readonly tenancy: Tenancy; readonly apiVersion: string },
): CxoneLine {
  const { tenancy, tokens } = options;
  // Requests carry whole URLs: their hosts are found out at run time.
  const line = credential({ ...options, baseUrl: '' });
  let located: Hosts | undefined;

  const send = async (
    request: CredentialRequest,
    call: Call,
    baseOf: (hosts: Hosts) => string | undefined,
  ): Promise<Outcome<HttpAnswer>> => {
    if (call.signal.aborted || !call.mayStart()) return { kind: 'transient', code: 'not-sent' };
    const hosts = await hostsFor(call);
    if (hosts.kind !== 'done') return hosts;
    const base = baseOf(hosts.value);
    if (base === undefined) return noDigital();
    return line.send({ ...request, path: `${base}${request.path}` }, call);
  };

  const hostsFor = async (call: Call): Promise<Outcome<Hosts>> => {
    if (located !== undefined) return { kind: 'done', value: located };
    const token = await tokens.current(call.signal);
    if (token.kind !== 'done') return token;
    const found = await tenancy.locate(token.value);
    if (found.kind === 'done') located = found.value;
    // Nothing was asked of the tenant itself.
    return found.kind === 'ambiguous' ? { ...found, kind: 'transient' } : found;
  };

  return {
    acd: (request, call) => send(request, call, ({ acd }) => `${acd}${ACD_PATH}/${options.apiVersion}`),
    digital: (request, call) => send(request, call, ({ digital }) => digital && `${digital}${DIGITAL_PATH}`),
    credential: line,
  };
}

function noDigital(): Outcome<never> {
  const detail = 'no host of the digital side is known: configure digitalUrl';
  return { kind: 'rejected', code: 'bad-request', detail };
}
