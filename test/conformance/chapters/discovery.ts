import { content, descriptor, types } from '../../support/images.js';
import {
  type Chapter,
  codeOf,
  emptyJson,
  imageManifest,
  indexManifest,
  parsed,
  putManifest,
  requirement,
} from '../ground.js';

const repository = 'conf/tags';
/** In ASCIIbetical order, some of them beginnings of others. */
const tags = ['0.1.2', '0.1.20', 'A', 'Z', '_', 'a', 'ab', 'b', 'z'];

/** "Listing Tags" and "Listing Referrers". */
export const discovery: Chapter = (ground) => {
  const list = async (query = '') => ground().ask('GET', repository, `tags/list${query}`);
  beforeAll(async () => {
    for (const tag of [...tags].reverse()) await putManifest(ground(), repository, tag, imageManifest());
  });

  requirement(566, 'Assuming a repository is found, this request MUST return a 200 OK', async () => {
    const answer = await list();
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    // spec.md:568 and 570: in ASCIIbetical order, with the name.
    expect(parsed(answer)).toEqual({ name: repository, tags });
  });

  requirement(567, 'The list of tags MAY be empty if there are no tags on the repository', async () => {
    await ground().client.pushBlob('conf/untagged', emptyJson);
    const answer = await ground().ask('GET', 'conf/untagged', 'tags/list');
    expect([answer.status, parsed(answer)]).toEqual([200, { name: 'conf/untagged', tags: [] }]);
  });

  requirement(589, 'Otherwise, the response MUST include <int> results', async () => {
    for (const n of [1, 3, tags.length, 1000]) {
      const answer = await list(`?n=${n}`);
      expect(parsed(answer).tags).toEqual(tags.slice(0, n));
      // spec.md:591: RFC 8288, relation next, and only where there is more.
      const expected = n < tags.length ? expect.stringMatching(/^<\/v2\/[^>]+>; rel="next"$/) : undefined;
      expect(answer.headers.link).toEqual(expected);
    }
  });

  requirement(591, 'the Link header MUST be set with the Relation Type rel="next"', async () => {
    const found: string[] = [];
    for (let query: string | undefined = '?n=2'; query !== undefined; ) {
      const answer = await list(query);
      found.push(...parsed(answer).tags);
      query = /^<\/v2\/conf\/tags\/tags\/list(\?[^>]+)>; rel="next"$/.exec(String(answer.headers.link))?.[1];
    }
    expect(found).toEqual(tags);
  });

  requirement(592, 'When n is zero, MUST return an empty list, and MUST NOT include a Link header', async () => {
    const answer = await list('?n=0');
    expect([answer.status, parsed(answer).tags, answer.headers.link]).toEqual([200, [], undefined]);
  });

  requirement(602, '<tagname> will not be included in the results, but up to <int> tags after it', async () => {
    expect(parsed(await list('?n=2&last=A')).tags).toEqual(['Z', '_']);
    expect(parsed(await list('?n=2&last=B')).tags).toEqual(['Z', '_']);
    // spec.md:605: `last` alone.
    expect(parsed(await list('?last=ab')).tags).toEqual(['b', 'z']);
    expect(parsed(await list('?last=z')).tags).toEqual([]);
  });

  describe('referrers', () => {
    const name = 'conf/referrers';
    const subject = imageManifest({ annotations: { the: 'subject' } });
    const about = { subject: descriptor(subject) };
    const sbom = imageManifest({ ...about, artifactType: 'application/vnd.example.sbom', annotations: { a: 'é' } });
    const plain = imageManifest({ ...about, annotations: { b: 'untyped' } });
    const index = indexManifest({ ...about, annotations: { c: 'index' } });
    const typed = indexManifest({ ...about, artifactType: 'application/vnd.example.index' });
    const everything = [sbom, plain, index, typed];
    const referrers = (query = '', digest = subject.digest, where = name) =>
      ground().ask('GET', where, `referrers/${digest}${query}`);

    beforeAll(async () => {
      for (const manifest of [subject, ...everything]) await putManifest(ground(), name, manifest.digest, manifest);
    });

    requirement(626, 'The Content-Type header MUST be set to application/vnd.oci.image.index.v1+json', async () => {
      const answer = await referrers();
      expect([answer.status, answer.headers['content-type']]).toEqual([200, types.index]);
      expect(parsed(answer)).toMatchObject({ schemaVersion: 2, mediaType: types.index });
      const found = parsed(answer).manifests.map(({ digest }: { digest: string }) => digest);
      expect(found.sort()).toEqual(everything.map(({ digest }) => digest).sort());
    });

    requirement(628, 'The descriptors MUST include an artifactType field, if present', async () => {
      const { manifests } = parsed(await referrers());
      const one = (digest: string) => manifests.find((found: { digest: string }) => found.digest === digest);
      expect(one(sbom.digest)).toEqual({
        ...descriptor(sbom),
        artifactType: 'application/vnd.example.sbom',
        annotations: { a: 'é' },
      });
      expect(one(typed.digest)).toEqual({ ...descriptor(typed), artifactType: 'application/vnd.example.index' });
      // spec.md:629: an image without one shows its config's type; 630: an index shows none; 631: annotations.
      expect(one(plain.digest)).toMatchObject({ artifactType: emptyJson.mediaType, annotations: { b: 'untyped' } });
      expect(one(index.digest)).toEqual({ ...descriptor(index), annotations: { c: 'index' } });
    });

    requirement(
      632,
      'If a query results in no matching referrers, an empty manifest list MUST be returned',
      async () => {
        const unknown = content('', Buffer.from('unknown')).digest;
        // spec.md:622: never a 404, whatever the repository and the digest.
        for (const answer of [await referrers('', unknown), await referrers('', subject.digest, 'conf/nowhere')]) {
          expect([answer.status, parsed(answer).manifests]).toEqual([200, []]);
        }
      },
    );

    requirement(623, 'If the request is invalid, a 400 Bad Request MUST be returned', async () => {
      for (const digest of ['sha256:bad', 'latest', 'md5:d41d8cd98f00b204e9800998ecf8427e']) {
        const answer = await referrers('', digest);
        expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
      }
    });

    requirement(
      671,
      'A Link header MUST be included when the list cannot be returned in a single manifest',
      async () => {
        const found: string[] = [];
        for (let query: string | undefined = '?n=1'; query !== undefined; ) {
          const answer = await referrers(query);
          expect(parsed(answer).manifests).toHaveLength(1);
          found.push(parsed(answer).manifests[0].digest);
          query = /^<\/v2\/conf\/referrers\/referrers\/[^?]+(\?[^>]+)>; rel="next"$/.exec(
            String(answer.headers.link),
          )?.[1];
        }
        expect(found.sort()).toEqual(everything.map(({ digest }) => digest).sort());
      },
    );

    requirement(
      677,
      'If filtering is requested and applied, MUST include OCI-Filters-Applied: artifactType',
      async () => {
        for (const [type, expected] of [
          ['application/vnd.example.sbom', [sbom.digest]],
          [emptyJson.mediaType, [plain.digest]],
          ['application/vnd.example.none', []],
        ] as const) {
          const answer = await referrers(`?artifactType=${encodeURIComponent(type)}`);
          expect(answer.headers['oci-filters-applied']).toBe('artifactType');
          expect(parsed(answer).manifests.map(({ digest }: { digest: string }) => digest)).toEqual(expected);
        }
        expect((await referrers()).headers).not.toHaveProperty('oci-filters-applied');
      },
    );

    requirement(627, 'Each descriptor is of a manifest or index in the same <name> namespace', async () => {
      await putManifest(ground(), 'conf/elsewhere', plain.digest, plain);
      const { manifests } = parsed(await referrers('', subject.digest, 'conf/elsewhere'));
      expect(manifests.map(({ digest }: { digest: string }) => digest)).toEqual([plain.digest]);
      await ground().ask('DELETE', 'conf/elsewhere', `manifests/${plain.digest}`);
      expect(parsed(await referrers('', subject.digest, 'conf/elsewhere')).manifests).toEqual([]);
      expect(parsed(await referrers()).manifests).toHaveLength(everything.length);
    });
  });
};
