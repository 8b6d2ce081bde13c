import type { Request, Response } from 'express';

/** Shows a failure to somebody with a browser: an error page, or the way to the page that mends it. The console implements it. */
export abstract class PageErrors {
  /** @param error anything that was thrown; only a Failure's own words may be shown */
  abstract render(error: unknown, request: Request, response: Response): void | Promise<void>;
}
