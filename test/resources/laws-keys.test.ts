import { describe, expect, test } from 'vitest';
import { fingerprintsOf, keyProblem } from '../../src/formats/openpgp-key.ts';
import { aptRepository } from '../../src/resources/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { runPlay } from '../support/run-play.ts';
import { keyCases, repositoryFingerprint, repositoryKey } from './cases/keys.ts';

const host = useLawHost('laws-keys', ['openssh-client'], ['/etc', '/home', '/root']);

describe('keys and repositories', () => holdToLaws(host, keyCases));

test('the fingerprint of a key is read at the desk', () => {
  expect(fingerprintsOf(Buffer.from(repositoryKey))).toEqual([repositoryFingerprint.replaceAll(' ', '')]);
  expect(keyProblem(Buffer.from(repositoryKey), ['A'.repeat(40)])).toContain('F955DD03');
  expect(keyProblem(Buffer.from('rubbish'), undefined)).toContain('no OpenPGP key');
  expect(keyProblem(Buffer.from(repositoryKey.slice(0, 300)), undefined)).toContain('END line');
});

test('a key that is not the pinned one is refused before any host is touched', async () => {
  const tasks = () => [
    aptRepository({
      name: 'x',
      uris: 'https://x.example',
      suites: 'y',
      components: 'main',
      signedBy: repositoryKey,
      fingerprint: 'B'.repeat(40),
    }),
  ];
  await expect(runPlay({ hosts: 'all', tasks })).rejects.toThrow(/holds F955DD03/);
});
