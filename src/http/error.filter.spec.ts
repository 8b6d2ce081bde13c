import type { ArgumentsHost } from '@nestjs/common';
import { ErrorFilter } from './error.filter.js';

/** A request whose client is there or gone, and what became of it. */
async function failed(thrown: unknown, { closed }: { readonly closed: boolean }) {
  const logged: unknown[] = [];
  const answer: { status?: number } = {};
  const response = {
    closed,
    headersSent: false,
    status: (status: number) => Object.assign(answer, { status }) && response,
    set: () => response,
    end: () => undefined,
  };
  const request = { destroyed: false, complete: true, headers: {}, path: '/api/v1/users', method: 'GET' };
  const host = { switchToHttp: () => ({ getRequest: () => request, getResponse: () => response }) };
  const log = { error: ({ error }: { error: unknown }) => logged.push(error) };
  const languages = { translator: async () => (key: string) => key };
  const filter = new ErrorFilter({} as never, log as never, {} as never, languages as never, undefined);
  await filter.catch(thrown, host as unknown as ArgumentsHost);
  return { logged, status: answer.status };
}

const aborted = Object.assign(new Error('This operation was aborted'), { name: 'AbortError' });

test('what was cut because the client is gone is nothing to tell', async () => {
  expect(await failed(aborted, { closed: true })).toEqual({ logged: [], status: undefined });
});

test('what was cut while the client waits is our fault, and is answered', async () => {
  expect(await failed(aborted, { closed: false })).toEqual({ logged: [aborted], status: 500 });
});
