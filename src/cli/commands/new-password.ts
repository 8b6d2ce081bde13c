import { randomBytes } from 'node:crypto';

/** 120 bits that can be typed. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url');
}
