import type { RepositoryName } from '../../oci/repository-name.js';

export interface PushTarget {
  /** `scheme://host[:port]` as the browser reached us. */
  readonly origin: string;
  readonly username: string | undefined;
  /** Undefined where any repository will do. */
  readonly name: RepositoryName | undefined;
  /** What an example below may start with: `team/`. */
  readonly prefix?: string;
}

/** The three commands from nothing to a pushed image. */
export function presentPush({ origin, username, name, prefix = 'team/' }: PushTarget): object {
  const { host, protocol } = new URL(origin);
  const image = `${host}/${name ?? `${prefix}my-app`}:1.0.0`;
  return {
    login: `docker login ${host}${username === undefined ? '' : ` -u ${username}`}`,
    tag: `docker tag my-app:latest ${image}`,
    push: `docker push ${image}`,
    tagHint: name === undefined ? 'push.tagHintNew' : 'push.tagHintHere',
    insecure: protocol === 'http:' && !isLoopback(origin),
  };
}

/** Whether docker and containerd speak plain HTTP to this origin without being told: names of this very machine. */
export function isLoopback(origin: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3})$/.test(new URL(origin).hostname);
}
