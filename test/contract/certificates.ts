// Owns certificates for tests (X.509 v3, RFC 5280, in DER by hand, since Node.js signs none): an authority of its own, and what it issues,
// made anew in each run, so that nothing expires in the repository and no tool is needed.

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** PEM. */
export type Issued = { readonly cert: string; readonly key: string };
export type Authority = Issued & {
  /** For a server at `127.0.0.1` and `localhost`, and for a client alike. */
  issue(name: string, validity?: Validity): Issued;
};
export type Validity = { readonly from: Date; readonly to: Date };

const DAY_MS = 86_400_000;
const OID = {
  commonName: [0x55, 0x04, 0x03],
  basicConstraints: [0x55, 0x1d, 0x13],
  subjectAltName: [0x55, 0x1d, 0x11],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
} as const;

function der(tag: number, ...contents: readonly (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part)));
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const objectId = (id: readonly number[]) => der(0x06, id);
const octets = (content: Uint8Array) => der(0x04, content);
const nameOf = (name: string) =>
  sequence(der(0x31, sequence(objectId(OID.commonName), der(0x0c, Buffer.from(name, 'utf8')))));
const timeOf = (at: Date) => der(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`));
const pemOf = (certificate: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

const AUTHORITY = sequence(objectId(OID.basicConstraints), der(0x01, [0xff]), octets(sequence(der(0x01, [0xff]))));
/** dNSName `localhost` and iPAddress 127.0.0.1. */
const HERE = sequence(
  objectId(OID.subjectAltName),
  octets(sequence(der(0x82, Buffer.from('localhost')), der(0x87, [127, 0, 0, 1]))),
);

type Wanted = {
  readonly subject: string;
  readonly issuer: string;
  readonly subjectKey: KeyObject;
  readonly signer: KeyObject;
  readonly extension: Uint8Array;
  readonly validity: Validity;
};

function certificate({ subject, issuer, subjectKey, signer, extension, validity }: Wanted): string {
  const algorithm = sequence(objectId(OID.ecdsaWithSha256));
  const toSign = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [0x01, ...randomBytes(15)]),
    algorithm,
    nameOf(issuer),
    sequence(timeOf(validity.from), timeOf(validity.to)),
    nameOf(subject),
    subjectKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(extension)),
  );
  return pemOf(sequence(toSign, algorithm, der(0x03, [0], sign('sha256', toSign, signer))));
}

function newKeys() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { publicKey, pem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })) };
}

const thisWeek = (): Validity => ({ from: new Date(Date.now() - DAY_MS), to: new Date(Date.now() + 6 * DAY_MS) });

export function newAuthority(name: string): Authority {
  const own = newKeys();
  const signer = createPrivateKey(own.pem);
  const issued = (subject: string, subjectKey: KeyObject, extension: Uint8Array, validity: Validity) =>
    certificate({ subject, issuer: name, subjectKey, signer, extension, validity });
  return {
    cert: issued(name, own.publicKey, AUTHORITY, thisWeek()),
    key: own.pem,
    issue(subject, validity = thisWeek()) {
      const { publicKey, pem } = newKeys();
      return { cert: issued(subject, publicKey, HERE, validity), key: pem };
    },
  };
}
