import { catalog } from './catalog.js';
import { type FieldProblem, toFailure } from './failure.js';
import { disclose, type Rendered } from './rendered.js';

export interface ProblemContext {
  readonly requestId: string;
  /** Path of the request. */
  readonly instance: string;
  readonly translate: (key: string) => string;
}

/** Problem details (RFC 9457) for `/api/`: `title` in the reader's language, `detail` only where it says more than the title. */
export function renderProblem(error: unknown, { requestId, instance, translate }: ProblemContext): Rendered {
  const failure = toFailure(error);
  const { status, message, detail } = disclose(failure);
  const { key, message: ordinary } = catalog[failure.code];
  const problem = {
    type: `urn:berth:error:${failure.code}`,
    title: translate(key),
    status,
    detail: message === ordinary ? undefined : message,
    instance,
    code: failure.code,
    requestId,
    errors: isFieldProblems(detail) ? detail : undefined,
  };
  return {
    status,
    headers: { ...failure.headers, 'Content-Type': 'application/problem+json' },
    body: JSON.stringify(problem),
  };
}

function isFieldProblems(detail: unknown): detail is readonly FieldProblem[] {
  return Array.isArray(detail) && detail.every((entry) => typeof entry?.pointer === 'string');
}
