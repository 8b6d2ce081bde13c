import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public } from '../../access/route-policy.js';
import { CONFIG, type Config } from '../../config/config.js';
import { requestOrigin } from '../../http/request-origin.js';
import { Pages } from '../navigation/pages.js';
import { isLoopback, presentPush } from './present-push.js';

@Controller('help')
export class HelpController {
  constructor(
    private readonly pages: Pages,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Public()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const origin = requestOrigin(request, this.config);
    const username = request.user?.user?.username;
    const model = {
      push: presentPush({ origin, username, name: undefined }),
      help: presentHelp(origin, username),
    };
    await this.pages.show(request, response, 'help/show', model);
  }
}

/** Commands and settings with this server's own address in them. */
function presentHelp(origin: string, username = 'ci'): object {
  const { host, protocol } = new URL(origin);
  const secure = protocol === 'https:';
  const here = isLoopback(origin);
  const clients = [
    {
      title: 'Docker · daemon.json',
      text: JSON.stringify({ 'insecure-registries': [host] }, null, 2),
      hint: 'help.dockerHint',
      knowsLoopback: true,
    },
    {
      title: 'Podman · registries.conf',
      text: `[[registry]]\nlocation = "${host}"\ninsecure = true`,
      hint: 'help.podmanHint',
      knowsLoopback: false,
    },
    {
      title: 'containerd · hosts.toml',
      text: `server = "${origin}"\n\n[host."${origin}"]\n  capabilities = ["pull", "resolve", "push"]`,
      hint: 'help.containerdHint',
      knowsLoopback: true,
    },
    {
      title: 'k3s · registries.yaml',
      text: `mirrors:\n  "${host}":\n    endpoint:\n      - "${origin}"`,
      hint: 'help.k3sHint',
      knowsLoopback: true,
    },
  ];
  return {
    pull: `docker pull ${host}/team/my-app:1.0.0`,
    ci: `echo "$BERTH_PASSWORD" | docker login ${host} -u ${username} --password-stdin`,
    transport: secure ? 'help.clients' : 'help.plainHttp',
    hint: secure ? 'help.httpsHint' : here ? 'help.loopbackHint' : 'help.plainHttpHint',
    clients: (secure ? [ownAuthority(host)] : clients.filter(({ knowsLoopback }) => !(here && knowsLoopback))).map(
      (client, index) => ({ ...client, id: `client-${index}`, open: index === 0 }),
    ),
  };
}

/** Where docker looks for the authority that vouches for this host, and podman, buildah and skopeo look too. */
function ownAuthority(host: string) {
  return {
    title: 'Docker, Podman · ca.crt',
    text: `sudo install -D -m 644 ca.crt /etc/docker/certs.d/${host}/ca.crt`,
    hint: 'help.authorityHint',
  };
}
