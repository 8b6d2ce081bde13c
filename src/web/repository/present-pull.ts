import type { Digest } from '../../oci/digest.js';
import type { Tag } from '../../oci/reference.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import { withQuery } from '../navigation/safe-path.js';
import type { Locale } from '../rendering/locale.js';

const clients = ['docker', 'podman', 'nerdctl', 'crictl', 'ref', 'digest'] as const;
export type PullClient = (typeof clients)[number];

/** The client somebody chose, now or before. */
export function pullClientOf(query: unknown, cookie: unknown): PullClient {
  const known = (value: unknown): PullClient | undefined => clients.find((client) => client === value);
  return known(query) ?? known(cookie) ?? 'docker';
}

export interface Pulled {
  /** host[:port] as the browser reached us. */
  readonly host: string;
  readonly name: RepositoryName;
  /** Undefined for an image that is asked for by digest. */
  readonly tag: Tag | undefined;
  readonly digest: Digest;
  /** Page that shows the command, for choosing without script. */
  readonly path: string;
}

/** The pull command of an image and the same for other clients. */
export function presentPull({ host, name, tag, digest, path }: Pulled, chosen: PullClient, { t }: Locale): object {
  const byDigest = `${host}/${name}@${digest}`;
  const reference = tag === undefined ? byDigest : `${host}/${name}:${tag}`;
  const commands: Record<PullClient, { label: string; command: string; isReference?: true }> = {
    docker: { label: 'docker', command: `docker pull ${reference}` },
    podman: { label: 'podman', command: `podman pull ${reference}` },
    nerdctl: { label: 'nerdctl', command: `nerdctl pull ${reference}` },
    crictl: { label: 'crictl', command: `crictl pull ${reference}` },
    ref: { label: t('pull.reference'), command: reference, isReference: true },
    digest: { label: t('pull.digest'), command: `docker pull ${byDigest}` },
  };
  return {
    ...commands[chosen],
    choices: clients.map((client) => ({
      client,
      ...commands[client],
      href: withQuery(path, { client }),
      current: client === chosen,
      separated: client === 'ref',
    })),
  };
}
