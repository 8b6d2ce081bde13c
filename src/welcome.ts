import { join } from 'node:path';
import type { App } from './app.js';

/** What a person sees after the start: where Berth listens, the first sign-in, and the commands to try. */
export function welcome({ url, otherUrls, dataDir, firstSignIn }: App): string {
  const host = url.replace(/^https?:\/\//, '');
  const username = firstSignIn?.username ?? '<username>';
  const elsewhere = otherUrls.length === 0 ? [] : ['  Other machines reach it at', ...indented(otherUrls)];
  return [
    '',
    `  Berth listens on ${url}`,
    ...elsewhere,
    '',
    ...(firstSignIn === undefined ? [] : signIn(url, firstSignIn)),
    '  Then try:',
    '',
    ...indented([
      `docker login -u ${username} ${host}`,
      'docker pull alpine:3',
      `docker tag alpine:3 ${host}/team/alpine:3`,
      `docker push ${host}/team/alpine:3`,
    ]),
    '',
    '  When an administrator has lost the password, in the folder of Berth:',
    '',
    ...indented([
      `npx berth admin reset-password${dataDir === join(process.cwd(), 'data') ? '' : ` --data-dir ${dataDir}`}`,
    ]),
    '',
  ].join('\n');
}

const indented = (lines: readonly string[]) => lines.map((line) => `      ${line}`);

function signIn(url: string, { username, generatedPassword, passwordFile }: NonNullable<App['firstSignIn']>): string[] {
  if (passwordFile === undefined) return [`  The first administrator is "${username}".`, ''];
  const change = `  Sign in at ${url} and choose one of your own.`;
  if (generatedPassword === undefined) {
    return [
      `  "${username}" still has the generated password, which stands in`,
      '',
      `      ${passwordFile}`,
      '',
      change,
      '',
    ];
  }
  return [
    `  The first administrator is "${username}" with the password`,
    '',
    `      ${generatedPassword}`,
    '',
    change,
    `  Until you do, it also stands in ${passwordFile}`,
    '',
  ];
}
