// Owns the reading of what TLS needs from files: certificates and keys in PEM. Everything that is wrong with them is found at the start and
// told together; never what is in them.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientTls, ClientTlsConfig } from './platforms/tls-config.ts';

/** What our own listener needs. PEM; `ca` signs whoever may call. */
export type ServerTls = {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
};

export type ServerTlsConfig = {
  readonly minVersion: '1.2' | '1.3';
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string | undefined;
};

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** `where` names the entry in a fault, such as `platforms.genesys_cloud.tls`. */
export function readClientTls(config: ClientTlsConfig, where: string, faults: string[]): ClientTls {
  const { minVersion, caFile, certFile, keyFile } = config;
  const ca = caFile && readCertificates(caFile, `${where}.caFile`, faults);
  const pair = certFile && keyFile ? readPair(certFile, keyFile, where, faults) : {};
  return { minVersion: `TLSv${minVersion}`, ...(ca && { ca }), ...pair };
}

export function readServerTls(config: ServerTlsConfig, where: string, faults: string[]): ServerTls {
  const { minVersion, certFile, keyFile, clientCaFile } = config;
  const ca = clientCaFile && readCertificates(clientCaFile, `${where}.clientCaFile`, faults);
  return { minVersion: `TLSv${minVersion}`, ...readPair(certFile, keyFile, where, faults), ...(ca && { ca }) };
}

function readPair(certFile: string, keyFile: string, where: string, faults: string[]) {
  const cert = readCertificates(certFile, `${where}.certFile`, faults);
  const key = readText(keyFile, `${where}.keyFile`, faults);
  if (cert !== '' && key !== '' && !isKeyOf(cert, key)) {
    faults.push(
      `${where}.keyFile: is not the private key, in PEM and without a passphrase, of the certificate in certFile.`,
    );
  }
  return { cert, key };
}

/** All certificates in the file, or an empty text and what is wrong. */
function readCertificates(file: string, where: string, faults: string[]): string {
  const text = readText(file, where, faults);
  if (text === '') return '';
  const found = text.match(CERTIFICATE) ?? [];
  const certificates = found.flatMap((pem) => parsed(pem) ?? []);
  if (found.length === 0 || certificates.length < found.length) {
    faults.push(`${where}: ${file} holds no certificate in PEM, or one that cannot be read.`);
    return '';
  }
  for (const { validToDate } of certificates) {
    if (validToDate.getTime() < Date.now())
      faults.push(`${where}: a certificate expired on ${validToDate.toISOString()}.`);
  }
  return found.join('\n');
}

function readText(file: string, where: string, faults: string[]): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    faults.push(`${where}: ${file} cannot be read (${code}).`);
    return '';
  }
}

function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function isKeyOf(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
