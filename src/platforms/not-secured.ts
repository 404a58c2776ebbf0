// Owns the failures to make a connection that can be trusted, and what their codes mean. Nothing was sent where one is thrown (H5).

/** No connection that could be trusted was made. `code` is OpenSSL's or Node's, such as `DEPTH_ZERO_SELF_SIGNED_CERT`. */
export class NotSecured extends Error {
  readonly code: string;
  /** As for any error that can only come before there is a connection. */
  readonly syscall = 'connect';
  constructor(code: string, options: { readonly cause: unknown }) {
    super('No secured connection was made.', options);
    this.code = code;
  }
}

/**
 * With TLS 1.3 a client hears only after its first words that its certificate was refused. Whoever refuses it has not read them: what a
 * client says is not looked at before its certificate is (RFC 8446 §4.4.2.4).
 */
const OUR_CERTIFICATE_REFUSED =
  /^ERR_SSL_(TLSV13_ALERT_CERTIFICATE_REQUIRED|TLSV1_ALERT_UNKNOWN_CA|SSLV3_ALERT_(BAD_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|UNSUPPORTED_CERTIFICATE)|TLSV1_ALERT_ACCESS_DENIED)$/;
/** Of Node (ERR_TLS_…, ERR_SSL_…, EPROTO) and of OpenSSL's verification. */
const ABOUT_TLS = /^(ERR_TLS_|ERR_SSL_|EPROTO$)|CERT|ISSUER|SIGNATURE|CRL|CHAIN|HOSTNAME_MISMATCH/;

export function isAboutTls(code: string): boolean {
  return ABOUT_TLS.test(code);
}

export function isOurCertificateRefused(code: string): boolean {
  return OUR_CERTIFICATE_REFUSED.test(code);
}

/** The code of a refusal that is about TLS, for people: never more than the code. */
export function tlsCode(error: unknown): string | undefined {
  return error instanceof NotSecured && ABOUT_TLS.test(error.code) ? error.code : undefined;
}

/** What somebody can do about it. */
export function refusalInWords(code: string): string {
  if (OUR_CERTIFICATE_REFUSED.test(code))
    return `${code}: the platform does not take our certificate, or wants one. See tls.certFile.`;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH/.test(code))
    return `${code}: there is no TLS at this address. Nothing was sent.`;
  if (/PROTOCOL/.test(code)) return `${code}: there is no version of TLS in common. See tls.minVersion.`;
  return `${code}: the platform’s certificate is not one that is trusted for this host. Nothing was sent. See tls.caFile.`;
}

/** Stable, and never an address: what OpenSSL says while something is written comes as EPROTO with its reason in the text only. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'unknown';
  const reason =
    error.code === 'EPROTO' && error instanceof Error
      ? /SSL routines:[^:]*:([a-z0-9 /-]+):/i.exec(error.message)?.[1]
      : undefined;
  return reason === undefined ? String(error.code) : `ERR_SSL_${reason.toUpperCase().replaceAll(/[ /-]/g, '_')}`;
}
