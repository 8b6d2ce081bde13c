import type { Setting } from './setting.js';
import { allSettings } from './settings.js';

/** `.env.example`: every setting with what it means and its default, commented out. */
export function envExample(): string {
  const head = [
    '# Settings of Berth. Copy this file to .env, which npm start reads, and take the # off the lines you change.',
    '# A name in the environment wins over this file. More: docs/configuration.md',
  ];
  const rows = allSettings.map((setting) => {
    const file = setting.secret ? [`# Or the name of a file that holds it: ${setting.name}_FILE.`] : [];
    const unset = setting.unset === undefined ? [] : [`# Not set: ${setting.unset}.`];
    return [`# ${plain(setting.doc)}`, ...file, ...unset, `#${setting.name}=${setting.default ?? ''}`].join('\n');
  });
  return `${[head.join('\n'), ...rows].join('\n\n')}\n`;
}

/** The table of docs/configuration.md. */
export function settingsTable(): string {
  const rows = allSettings.map((setting) => {
    const file = setting.secret ? ` Also from a file: \`${setting.name}_FILE\`, \`${setting.key}File\`.` : '';
    const cells = [
      `\`${setting.name}\``,
      `\`${setting.key}\``,
      fallback(setting),
      aliases(setting),
      `${setting.doc}${file}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| Variable | Key in the file | Default | Also read | Meaning |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function fallback(setting: Setting<unknown>): string {
  return setting.default === undefined ? (setting.unset ?? 'none') : `\`${setting.default}\``;
}

function aliases(setting: Setting<unknown>): string {
  return (setting.aliases ?? []).map((alias) => `\`${alias.name}\``).join(', ');
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}
