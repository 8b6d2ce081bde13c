import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';

/** Who a certificate is for and who vouches for it. */
export interface CertificateRequest {
  /** Common name of the holder. */
  readonly subject: string;
  /** P-256, public. */
  readonly publicKey: KeyObject;
  /** The same name and key pair as the subject's make a self-signed certificate. */
  readonly issuer: { readonly name: string; readonly privateKey: KeyObject };
  /** Whether the holder issues certificates itself, or only signs tokens. */
  readonly authority: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * An X.509 v3 certificate (RFC 5280 §4.1) for an ES256 key, in PEM. Written out here because it is made twice in the life
 * of an installation, for which a library would take a third of the start-up time and 18 MB.
 */
export function createCertificate(request: CertificateRequest): string {
  const { subject, publicKey, issuer, notBefore, notAfter } = request;
  const algorithm = sequence(oid(ids.ecdsaWithSha256));
  const toBeSigned = sequence(
    tagged(0, tlv(0x02, Buffer.of(2))), // version 3
    tlv(0x02, serialNumber()),
    algorithm,
    commonName(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions(request))),
  );
  const signature = sign('sha256', toBeSigned, issuer.privateKey);
  const base64 = sequence(toBeSigned, algorithm, bitString(signature)).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function extensions({ authority, publicKey, issuer }: CertificateRequest): Buffer[] {
  const constraints = authority ? sequence(tlv(0x01, Buffer.of(0xff))) : sequence();
  // keyCertSign and cRLSign, or digitalSignature alone; the first number counts the unused bits behind.
  const usage = authority ? bitString(Buffer.of(0x06), 1) : bitString(Buffer.of(0x80), 7);
  const issuerKeyId = tlv(0x80, keyId(createPublicKey(issuer.privateKey)));
  return [
    extension(ids.basicConstraints, constraints, 'critical'),
    extension(ids.keyUsage, usage, 'critical'),
    extension(ids.subjectKeyId, tlv(0x04, keyId(publicKey))),
    extension(ids.authorityKeyId, sequence(issuerKeyId)),
  ];
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.of(0xff))] : []), tlv(0x04, value));
}

/** Object identifiers as X.690 encodes them. */
const ids = {
  ecdsaWithSha256: '2a8648ce3d040302', // 1.2.840.10045.4.3.2
  commonName: '550403', // 2.5.4.3
  subjectKeyId: '551d0e', // 2.5.29.14
  keyUsage: '551d0f', // 2.5.29.15
  basicConstraints: '551d13', // 2.5.29.19
  authorityKeyId: '551d23', // 2.5.29.35
} as const;

/** RFC 7093 §2 method 1: the left 160 bits of the SHA-256 of the key. */
function keyId(key: KeyObject): Buffer {
  const point = key.export({ type: 'spki', format: 'der' }).subarray(-65); // an uncompressed point of P-256
  return createHash('sha256').update(point).digest().subarray(0, 20);
}

/** Positive, and 127 bits long. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes;
}

function commonName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(oid(ids.commonName), tlv(0x0c, Buffer.from(name)))));
}

/** UTCTime before the year 2050 and GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
function time(date: Date): Buffer {
  const text = `${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`;
  return date.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text));
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'));
}

function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return tlv(0x03, Buffer.of(unusedBits), bytes);
}

function tagged(number: number, content: Buffer): Buffer {
  return tlv(0xa0 + number, content);
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

/** Tag, length, value: all that DER is made of (X.690 §8.1). */
function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const encoded = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...encoded), value]);
}
