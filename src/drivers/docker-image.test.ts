import { describe, expect, it } from 'vitest';
import { fullImageName, pullAuth, registryOf } from './docker-image.ts';
import { progressWords } from './docker-pull.ts';

it.each([
  ['nginx', 'nginx:latest', 'docker.io'],
  ['nginx:1.25', 'nginx:1.25', 'docker.io'],
  ['library/nginx', 'library/nginx:latest', 'docker.io'],
  ['nginx@sha256:abc', 'nginx@sha256:abc', 'docker.io'],
  ['host:5000/nginx', 'host:5000/nginx:latest', 'host:5000'],
  ['registry.example.com/a/b:2', 'registry.example.com/a/b:2', 'registry.example.com'],
  ['localhost/a', 'localhost/a:latest', 'localhost'],
  ['https://registry.example.com/a', 'registry.example.com/a:latest', 'registry.example.com'],
])('%s is %s of the registry %s', (image, full, registry) => {
  expect(fullImageName(image)).toBe(full);
  expect(registryOf(image)).toBe(registry);
});

describe('credentials for a pull', () => {
  const file = JSON.stringify({
    auths: {
      'https://index.docker.io/v1/': { auth: Buffer.from('hub:pass:word').toString('base64') },
      'registry.example.com': { username: 'reg', password: 'p', identitytoken: 'token' },
    },
  });

  it.each<[Record<string, unknown>, string | undefined, object | undefined]>([
    [{ image: 'nginx' }, undefined, undefined],
    [{ image: 'other.example.com/a' }, file, undefined],
    [
      { image: 'nginx' },
      file,
      { username: 'hub', password: 'pass:word', serveraddress: 'https://index.docker.io/v1/' },
    ],
    [
      { image: 'registry.example.com/a' },
      file,
      { username: 'reg', password: 'p', serveraddress: 'registry.example.com', identitytoken: 'token' },
    ],
    [
      { image: 'nginx', auth: [{ username: 'u', password: 'p' }] },
      file,
      { username: 'u', password: 'p', serveraddress: 'https://index.docker.io/v1/' },
    ],
    [
      { image: 'a.b/c', auth: { username: 'u', password: 'p', email: 'e', server_address: 'a.b:5000' } },
      undefined,
      { username: 'u', password: 'p', email: 'e', serveraddress: 'a.b:5000' },
    ],
  ])('%j', (config, credentialFile, expected) => {
    expect(pullAuth(config, credentialFile)).toEqual(expected);
  });
});

it('says how far a pull is over all layers', () => {
  const MIB = 1024 * 1024;
  expect(
    progressWords([
      { current: 3 * MIB, total: 10 * MIB },
      { current: 1.5 * MIB, total: 1.5 * MIB },
    ]),
  ).toBe('4 of 12 MB');
});
