import type { ImageConfig } from '../../oci/image-config.js';
import { escapedBytes, type PageRoom } from '../rendering/page-bytes.js';
import type { Shown } from './shown.js';

/** Names under which people leave secrets in images. */
const secretName = /PASS|TOKEN|SECRET|KEY|CREDENTIAL/i;

/** Bytes of a page for each list, and of the markup round one entry. */
const most = 24 * 1024;
const markup = { value: 20, variable: 150, note: 100 };

/** How the image runs: which parts there are, and of every list what the page has room for. */
export function presentConfig(config: ImageConfig | undefined, room: PageRoom, shown: Shown) {
  if (config === undefined) return { hasConfig: false, hasRuntime: false, hasEnvironment: false, hasLabels: false };
  const { counts } = config;
  const facts: [label: string, values: readonly string[], count: number][] = [
    ['image.entrypoint', config.entrypoint, counts.entrypoint],
    ['image.cmd', config.cmd, counts.cmd],
    ['image.user', config.user ? [config.user] : [], 1],
    ['image.workdir', config.workingDir ? [config.workingDir] : [], 1],
    ['image.ports', config.ports, counts.ports],
    ['image.volumes', config.volumes, counts.volumes],
  ];
  const runtime = facts
    .filter(([, values]) => values.length > 0)
    .map(([label, all, count]) => {
      const values = room.take(all, most / 3, (value) => markup.value + escapedBytes(value));
      return { label, values, cut: shown(values.length, count) };
    });
  const weighVariable = ({ name, value }: { readonly name: string; readonly value: string }) =>
    markup.variable + escapedBytes(name) + escapedBytes(value);
  const environment = room.take(config.env, most, weighVariable).map(({ name, value }) => ({
    name,
    value,
    secret: secretName.test(name) && value !== '',
  }));
  const labels = presentNotes(config.labels, room);
  return {
    hasConfig: true,
    hasRuntime: runtime.length > 0 || config.created !== undefined,
    runtime,
    createdAt: config.created,
    hasEnvironment: counts.env > 0,
    environment,
    environmentCut: shown(environment.length, counts.env),
    secrets: environment.filter(({ secret }) => secret).length,
    hasLabels: counts.labels > 0,
    labels,
    labelsCut: shown(labels.length, counts.labels),
  };
}

/** Labels and annotations; a value becomes a link only when it is an address of the web. */
export function presentNotes(notes: Readonly<Record<string, string>>, room: PageRoom): object[] {
  const all = Object.entries(notes).map(([name, value]) => ({ name, value, href: webAddress(value) }));
  return room.take(all, most, ({ name, value, href }) =>
    [name, value, href ?? ''].reduce((sum, text) => sum + escapedBytes(text), markup.note),
  );
}

function webAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, href } = new URL(text);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}
