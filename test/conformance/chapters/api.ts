import { content } from '../../support/images.js';
import { type Chapter, emptyJson, parsed, requirement } from '../ground.js';

const unknown = content('', Buffer.from('nobody has this')).digest;

/** "API": support, HTTP semantics and the form of errors. */
export const api: Chapter = (ground) => {
  const repository = 'conf/api';
  beforeAll(() => ground().client.pushBlob(repository, emptyJson));

  requirement(833, 'If the response is 200 OK, then the registry implements this specification', async () => {
    const token = await ground().client.token(`repository:${repository}:pull`);
    const answer = await ground().client.raw('/v2/', { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, parsed(answer)]).toEqual([200, {}]);
    expect((await ground().client.raw('/v2/')).status).toBe(401);
  });

  requirement(824, 'implementations SHOULD follow the HTTP semantics defined in RFC 9110: HEAD', async () => {
    const { location } = await ground().client.startUpload(repository);
    const pull = await ground().client.token(`repository:${repository}:pull,push`);
    const catalog = await ground().client.token('registry:catalog:*');
    for (const [path, token] of [
      ['/v2/', pull],
      ['/v2/_catalog', catalog],
      [`/v2/${repository}/tags/list`, pull],
      [`/v2/${repository}/referrers/${unknown}`, pull],
      [`/v2/${repository}/blobs/${emptyJson.digest}`, pull],
      [location, pull],
    ]) {
      const headers = { authorization: `Bearer ${token}` };
      const [get, head] = [
        await ground().client.raw(String(path), { headers }),
        await ground().client.raw(String(path), { method: 'HEAD', headers }),
      ];
      expect([path, head.status, head.body.length]).toEqual([path, get.status, 0]);
      for (const name of ['content-type', 'content-length', 'location', 'range', 'docker-content-digest']) {
        expect([path, name, head.headers[name]]).toEqual([path, name, get.headers[name]]);
      }
    }
  });

  requirement(863, 'If the response body is in JSON format, it MUST have the following format', async () => {
    const failing = [
      ['GET', 'manifests/none'],
      ['GET', `blobs/${unknown}`],
      ['GET', 'blobs/sha256:bad'],
      ['GET', 'tags/list?n=x'],
      ['PUT', 'manifests/v1'],
      ['POST', 'manifests/v1'],
      ['PATCH', 'blobs/uploads/none'],
      ['POST', 'blobs/uploads/?digest=bad'],
      ['DELETE', 'manifests/none'],
    ] as const;
    for (const [method, path] of failing) {
      const answer = await ground().ask(method, repository, path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      // spec.md:879 and 880: the code is a word in upper case, the message is for people.
      expect(parsed(answer)).toEqual({
        errors: [expect.objectContaining({ code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) })],
      });
      expect(answer.headers['content-type']).toBe('application/json');
    }
  });
};
