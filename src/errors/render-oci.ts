import { catalog } from './catalog.js';
import { toFailure } from './failure.js';
import { disclose, type Rendered } from './rendered.js';

/** The error body of distribution-spec "Error Codes", for `/v2/` and `/token`. Anything that is no Failure answers 500 with the request id only. */
export function renderOci(error: unknown, requestId: string): Rendered {
  const failure = toFailure(error);
  const { status, message, detail } = disclose(failure);
  const entry = { code: catalog[failure.code].oci, message, detail: status < 500 ? detail : { requestId } };
  return {
    status,
    headers: { ...failure.headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ errors: [entry] }),
  };
}
