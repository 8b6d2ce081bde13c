import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import helmet from 'helmet';
import { type AddressConfig, requestScheme } from './request-origin.js';

/** Names and values in turn, for each scheme: they are the same for every request. */
const plain = headers(false);
const secure = headers(true);

/**
 * The headers of H1 and H2, names and values in turn. Plain HTTP gets neither HSTS, which would lock a LAN out, nor COOP,
 * which browsers report as an error there, nor `upgrade-insecure-requests`.
 */
export function securityHeaders(request: IncomingMessage, config: AddressConfig): readonly string[] {
  return requestScheme(request, config) === 'https' ? secure : plain;
}

const policyHeader = 'Content-Security-Policy';

/** Lets the page that is about to be sent do more than the others: sources to add, by directive. */
export function addToPolicy(response: Response, more: Readonly<Record<string, readonly string[]>>): void {
  const directives = String(response.getHeader(policyHeader))
    .split(';')
    .map((directive): [name: string, sources: string] => {
      const space = directive.indexOf(' ');
      return [directive.slice(0, space), directive.slice(space + 1)];
    });
  const policy = new Map(directives);
  for (const [name, sources] of Object.entries(more)) {
    policy.set(name, [policy.get(name) ?? [], sources].flat().join(' '));
  }
  response.setHeader(policyHeader, [...policy].map((directive) => directive.join(' ')).join(';'));
}

function headers(secure: boolean): readonly string[] {
  const list = ['Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'];
  const recorder = { setHeader: (name: string, value: string) => list.push(name, value) };
  // helmet looks at nothing of the request and calls nothing else of the response.
  ask(secure)({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined);
  return list;
}

function ask(secure: boolean): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: secure && { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    originAgentCluster: false,
    // Not `no-referrer`: under it browsers send `Origin: null` with our own forms, which the CSRF check must refuse.
    referrerPolicy: { policy: 'same-origin' },
    // Of this name alone: what else runs below it is not for a registry to decide.
    strictTransportSecurity: secure && { maxAge: 31_536_000, includeSubDomains: false },
    xContentTypeOptions: true,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: { action: 'deny' },
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false, // Express is told not to send it
    xXssProtection: false,
  });
}
