import type { NestExpressApplication } from '@nestjs/platform-express';
import cookieParser from 'cookie-parser';
import type { NextFunction, Request, Response } from 'express';
import { addressGroup } from '../access/address-group.js';
import { Audit } from '../audit/audit.js';
import type { Config } from '../config/config.js';
import { Failure } from '../errors/failure.js';
import { Languages } from '../languages/languages.js';
import { Log } from '../logging/logger.js';
import { bodyLength } from './body.js';
import { hasType } from './content-type.js';
import { ErrorFilter } from './error.filter.js';
import { HeldBodies } from './held-bodies.js';
import { PageErrors } from './page-errors.js';
import { isBelow } from './paths.js';
import { refuse } from './refuse.js';
import { requestId } from './request-id.js';
import { clientAddress } from './request-origin.js';
import { noteAddressConfig } from './request-seeker.js';
import { securityHeaders } from './security-headers.js';
import { serviceDescription } from './service-description.js';
import { validationPipe } from './validation.js';

/** Bytes. */
const maxJson = 256 * 1024;
const maxForm = 64 * 1024;
/** What a piece of a body takes beside its bytes: the parsers keep each as it came, and it may be a single byte. */
const pieceBytes = 256;

/** How often a body is there while something is made of it: its pieces, all of it, its text, and what is parsed of that. */
const copies = 4;

/**
 * Sets Express up for the REST API and the pages, everything that is neither the data plane nor the realm. Call it once, on an
 * application made with `bodyParser: false`, before it is initialised.
 */
export function configureHttp(app: NestExpressApplication, config: Config): void {
  app.set('query parser', 'simple'); // `scope[a]=b` is a parameter of that name and nothing else
  app.set('etag', false);
  app.disable('x-powered-by');
  noteAddressConfig(app.getHttpAdapter().getInstance(), config);
  app.use(nameRequest);
  app.use(secure(config));
  app.use(cookieParser());
  app.use('/api', describeAnswers, refuseOtherBodies);
  app.use(holdBody(app.get(HeldBodies, { strict: false }), config));
  // Compressed bodies are refused: no client of ours sends them, and they are how small requests become large.
  app.useBodyParser('json', {
    limit: maxJson,
    inflate: false,
    strict: true,
    type: isApiJson,
  });
  app.useBodyParser('urlencoded', { limit: maxForm, inflate: false, extended: false, type: isForm });
  app.useGlobalPipes(validationPipe());
  const pages = config.webEnabled ? app.get(PageErrors, { strict: false }) : undefined;
  app.useGlobalFilters(
    new ErrorFilter(
      config,
      app.get(Log),
      app.get(Audit, { strict: false }),
      app.get(Languages, { strict: false }),
      pages,
    ),
  );
}

/** The id under which the log and every error document speak of this request. */
function nameRequest(request: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Request-Id', requestId(request));
  next();
}

function secure(config: Config): (request: Request, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    const list = securityHeaders(request, config);
    for (let at = 0; at + 1 < list.length; at += 2) response.setHeader(list[at] ?? '', list[at + 1] ?? '');
    next();
  };
}

/** Counts a body among those in memory, as large as it says it is and with what its pieces take, until the parsers have made something of it. */
function holdBody(
  held: HeldBodies,
  config: Config,
): (request: Request, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    const length = bodyLength(request.headers) ?? maxJson;
    if (length === 0 || length > maxJson) return next(); // the parsers refuse what is larger
    const room = held.open(addressGroup(clientAddress(request, config)), (failure) => {
      refuse(request, response, failure);
    });
    request.once('end', () => room.isRead());
    response.once('close', () => room.close());
    room.add(copies * length);
    request.on('data', () => room.add(pieceBytes));
    if (!response.headersSent) next();
  };
}

/** Nothing the API says may be kept, and all of it is described in one place. */
function describeAnswers(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Link', serviceDescription);
  next();
}

/** A body that a plain HTML form of another site could send never reaches the REST API (T25). */
function refuseOtherBodies(request: Request, _response: Response, next: NextFunction): void {
  const other = request.headers['content-type'] !== undefined && !hasType(request, 'application/json');
  next(other ? new Failure('UNSUPPORTED_MEDIA_TYPE') : undefined);
}

/** What the type functions of the body parsers are shown. */
type Incoming = { readonly url?: string; readonly headers: Request['headers'] };

function isApiJson(request: Incoming): boolean {
  return isBelow(request.url ?? '', '/api') && hasType(request, 'application/json');
}

/** Forms are for the pages. */
function isForm(request: Incoming): boolean {
  return !isBelow(request.url ?? '', '/api') && hasType(request, 'application/x-www-form-urlencoded');
}
