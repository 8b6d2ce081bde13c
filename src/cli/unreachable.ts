import { CommandFailure } from './exit-codes.js';

const unknownIssuer = 'its certificate comes from an authority that this machine does not know';
const howToTrust = ': name a file with that of the authority in NODE_EXTRA_CA_CERTS';

/** What is wrong with a certificate, by OpenSSL's and Node's codes. */
const certificates: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: `its certificate vouches for itself, and this machine does not know it${howToTrust}`,
  SELF_SIGNED_CERT_IN_CHAIN: `${unknownIssuer}${howToTrust}`,
  UNABLE_TO_GET_ISSUER_CERT: `${unknownIssuer}${howToTrust}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `${unknownIssuer}${howToTrust}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `${unknownIssuer}${howToTrust}`,
  CERT_UNTRUSTED: `${unknownIssuer}${howToTrust}`,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: are the clocks right?',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  HOSTNAME_MISMATCH: 'its certificate is for another name',
};

/** Every other fault of a certificate, which OpenSSL describes well enough. */
const ofCertificate = /^(?:CERT|CRL|UNABLE_TO|ERROR_IN|INVALID_(?:CA|PURPOSE)|PATH_LENGTH)_?/;

/** Why a server was not reached, in one sentence. What another try does not mend, its certificate and what it speaks, is no temporary failure. */
export function unreachable(error: NodeJS.ErrnoException, where: string): CommandFailure {
  const { code = '', message } = error;
  const other = ofCertificate.test(code) ? `its certificate does not hold (${message})` : undefined;
  const certificate = certificates[code] ?? other;
  if (certificate !== undefined) return new CommandFailure('failure', `${where} is not trusted: ${certificate}`);
  if (/wrong version number|packet length too long|http request/i.test(`${code} ${message}`.replaceAll('_', ' ')))
    return new CommandFailure('failure', `${where} does not speak HTTPS: does its address begin with http:// instead?`);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return new CommandFailure('failure', `${where} and this machine do not agree on how to speak HTTPS (${code})`);
  if (code.startsWith('HPE_'))
    return new CommandFailure('failure', `${where} does not speak HTTP: does its address begin with https:// instead?`);
  const secure = code === 'ECONNRESET' && where.startsWith('http://');
  const hint = secure ? ': it hung up without an answer, as a server that speaks only https:// does' : `: ${message}`;
  return new CommandFailure('temporary', `${where} cannot be reached${hint}`);
}
