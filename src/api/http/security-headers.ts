import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { requestScheme } from '../../auth/request-origin.js';
import type { Config } from '../../config/config.js';

/**
 * The headers of H1 and H2. Plain HTTP gets neither HSTS, which would lock a LAN out, nor COOP, which browsers report as
 * an error there, nor `upgrade-insecure-requests`.
 */
export function securityHeaders(config: Config): (request: Request, response: Response, next: NextFunction) => void {
  const plain = headers(false);
  const secure = headers(true);
  return (request, response, next) => {
    response.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    (requestScheme(request, config) === 'https' ? secure : plain)(request, response, next);
  };
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

function headers(secure: boolean): ReturnType<typeof helmet> {
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
    strictTransportSecurity: secure && { maxAge: 31_536_000 },
    xContentTypeOptions: true,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: { action: 'deny' },
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: true, // that is: removed
    xXssProtection: false,
  });
}
