import type { App } from './app.js';

/** What a person sees after the start: where Berth listens, the first sign-in (once), and the commands to try. */
export function welcome({ url, firstAdmin }: App): string {
  const host = url.replace(/^https?:\/\//, '');
  const username = firstAdmin?.username ?? '<username>';
  const lines = ['', `  Berth listens on ${url}`, ''];
  if (firstAdmin?.generatedPassword) {
    lines.push(
      `  The first administrator is "${firstAdmin.username}" with the password`,
      '',
      `      ${firstAdmin.generatedPassword}`,
      '',
      `  It is shown this once and must be changed: sign in at ${url} first.`,
      '',
    );
  }
  return [
    ...lines,
    '  Then try:',
    '',
    `      docker login -u ${username} ${host}`,
    `      docker tag alpine:3 ${host}/team/alpine:3`,
    `      docker push ${host}/team/alpine:3`,
    '',
  ].join('\n');
}
