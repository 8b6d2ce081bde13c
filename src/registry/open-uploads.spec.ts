import { OpenUploads, type UploadSession } from './open-uploads.js';

const minute = 60_000;
const limits = { uploadsPerUser: 2, uploadsPerRobot: 3, uploadBytesPerUser: 100, uploadBytes: 150 };
let count = 0;

function opened(uploads: OpenUploads, subject: string, touchedAt = 0): UploadSession {
  uploads.promise(subject, touchedAt);
  const id = `id-${++count}`;
  const rest = { repository: 'team/app', algorithm: 'sha256', createdAt: new Date(0) } as const;
  const added = uploads.add({ id, subject, touchedAt, ...rest });
  uploads.release(subject);
  return added;
}

const refused = (code: string) => expect.objectContaining({ code });

test('a place counts from the moment it is asked for', () => {
  const uploads = new OpenUploads(limits);
  uploads.promise('user:1', 0);
  uploads.promise('user:1', 0);
  expect(() => uploads.promise('user:1', 0)).toThrow(refused('TOO_MANY_REQUESTS'));
  uploads.promise('user:2', 0);
  uploads.release('user:1');
  uploads.promise('user:1', 0);
});

test('robots have a limit of their own', () => {
  const uploads = new OpenUploads(limits);
  for (let number = 0; number < 3; number++) opened(uploads, 'robot:1');
  expect(() => uploads.promise('robot:1', 0)).toThrow(refused('TOO_MANY_REQUESTS'));
});

test('at the limit the one idle for longest gives way, once that is ten minutes and nobody writes to it', () => {
  const uploads = new OpenUploads(limits);
  const busy = opened(uploads, 'user:1', 0);
  const idle = opened(uploads, 'user:1', minute);
  busy.atWork = 1;
  expect(() => uploads.promise('user:1', 11 * minute)).toThrow(refused('TOO_MANY_REQUESTS'));
  expect(uploads.promise('user:1', 11 * minute + 1)).toBe(idle);
  uploads.remove(idle);
  // Its place is promised already.
  expect(() => uploads.promise('user:1', 20 * minute)).toThrow(refused('TOO_MANY_REQUESTS'));
});

test('bytes are counted for each account and for all, and are free again with the session', () => {
  const uploads = new OpenUploads(limits);
  const [first, second] = [opened(uploads, 'user:1'), opened(uploads, 'user:1')];
  uploads.claim(first, 60);
  expect(() => uploads.claim(second, 41)).toThrow(refused('TOO_MANY_REQUESTS'));
  uploads.claim(second, 40);
  const other = opened(uploads, 'user:2');
  expect(() => uploads.claim(other, 51)).toThrow(refused('STORAGE_FULL'));
  uploads.settle(second, 10);
  uploads.claim(other, 51);
  uploads.remove(first);
  expect(() => uploads.claim(first, 1)).toThrow(refused('BLOB_UPLOAD_UNKNOWN'));
  uploads.claim(second, 29);
});
