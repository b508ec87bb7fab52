import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  hasCertAuthority,
  judgeKey,
  knownKeyTypes,
  parseKnownHosts,
  recordKey,
} from '../../src/connection/known-hosts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const directory = temporaryFolder('test');

const makeKey = (name: string, type: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(directory, name)]);
  return readFileSync(join(directory, `${name}.pub`), 'utf8')
    .split(' ')
    .slice(0, 2)
    .join(' ');
};
const first = makeKey('first', 'ed25519');
const second = makeKey('second', 'ed25519');
const ecdsa = makeKey('ecdsa', 'ecdsa');
const blob = (key: string): Buffer => Buffer.from(key.split(' ')[1] ?? '', 'base64');

/** A file as `ssh-keygen -H` leaves it. */
const hashed = (text: string): string => {
  const file = join(directory, 'hashed');
  writeFileSync(file, text);
  execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
  return readFileSync(file, 'utf8');
};

describe('a key presented', () => {
  test.each<[string, string, string, number, string]>([
    ['is known by name', `web1 ${first}`, 'web1', 22, 'known'],
    ['is known in any case of the name', `WEB1 ${first}`, 'Web1', 22, 'known'],
    ['is known among names and addresses', `# all\n\n db,web1,10.0.0.1 ${first} comment`, '10.0.0.1', 22, 'known'],
    ['is unknown elsewhere', `web1 ${first}`, 'web2', 22, 'unknown'],
    ['is known by port in any case of the name', `[web1]:2222 ${first}`, 'WEB1', 2222, 'known'],
    ['is known by port', `[web1]:2222 ${first}`, 'web1', 2222, 'known'],
    ['is known by name alone at another port, being the same', `web1 ${first}`, 'web1', 2222, 'known'],
    ['is unknown at another port, being another', `web1 ${second}`, 'web1', 2222, 'unknown'],
    ['has changed at its port', `[web1]:2222 ${second}`, 'web1', 2222, 'changed'],
    ['is not known by port at the usual one', `[web1]:2222 ${first}`, 'web1', 22, 'unknown'],
    ['is known by a wildcard', `web?.*.org ${first}`, 'web1.example.org', 22, 'known'],
    ['is not known by what is excluded', `web*,!web1 ${first}`, 'web1', 22, 'unknown'],
    ['does not take a dot for any sign', `web.1 ${first}`, 'webx1', 22, 'unknown'],
    ['has changed', `web1 ${second}`, 'web1', 22, 'changed'],
    ['is known when one of several is it', `web1 ${second}\nweb1 ${first}`, 'web1', 22, 'known'],
    ['has changed when only other types are on record', `web1 ${ecdsa}`, 'web1', 22, 'changed'],
    ['is revoked', `web1 ${first}\n@revoked * ${first}`, 'web1', 22, 'revoked'],
    [
      'is revoked by name alone at another port',
      `[web1]:2222 ${first}\n@revoked web1 ${first}`,
      'web1',
      2222,
      'revoked',
    ],
    [
      'is revoked at another port than it is met at',
      `web1 ${first}\n@revoked [web1]:2222 ${first}`,
      'web1',
      22,
      'revoked',
    ],
    [
      'is revoked at one port and met at a third',
      `[web1]:2200 ${first}\n@revoked [web1]:2222 ${first}`,
      'web1',
      2200,
      'revoked',
    ],
    ['is revoked by a wildcard with a port', `web1 ${first}\n@revoked [web*]:* ${first}`, 'web1', 22, 'revoked'],
    ['is revoked in any case of the name', `web1 ${first}\n@revoked WEB1 ${first}`, 'web1', 2222, 'revoked'],
    ['is revoked by a hash of the name', hashed(`web1 ${first}\n`).replace(/^/, '@revoked '), 'web1', 2222, 'revoked'],
    [
      'is revoked by a hash of name and port',
      hashed(`[web1]:2222 ${first}\n`).replace(/^/, '@revoked '),
      'web1',
      22,
      'revoked',
    ],
    ['is not revoked for what is excluded', `[web1]:2222 ${first}\n@revoked *,!web1 ${first}`, 'web1', 2222, 'known'],
    ['is not revoked for another host', `web1 ${first}\n@revoked web2 ${first}`, 'web1', 22, 'known'],
    ['is not revoked as another key', `web1 ${first}\n@revoked web1 ${second}`, 'web1', 22, 'known'],
    ['is revoked, being an authority too', `@cert-authority * ${first}\n@revoked * ${first}`, 'web1', 2222, 'revoked'],
    ['is unknown, having an authority only', `@cert-authority * ${first}`, 'web1', 22, 'unknown'],
    ['is unknown under an unknown marker', `@future web1 ${first}`, 'web1', 22, 'unknown'],
    ['is unknown in a broken line', `web1 ssh-ed25519 AAAA`, 'web1', 22, 'unknown'],
    [
      'is unknown when the line lies about its type',
      `web1 ${first.replace('ssh-ed25519', 'ssh-rsa')}`,
      'web1',
      22,
      'unknown',
    ],
  ])('%s', (_what, text, host, port, verdict) => {
    expect(judgeKey(parseKnownHosts(text, 'file'), host, port, blob(first)).kind).toBe(verdict);
  });

  test('is found in hashed files', () => {
    const lines = parseKnownHosts(hashed(`web1 ${first}\n[web2]:2222 ${first}\n`), 'file');
    const verdicts = [
      ['web1', 22],
      ['web2', 2222],
      ['web2', 22],
      ['web3', 22],
      ['Web1', 22],
      ['WEB2', 2222],
    ] as const;
    expect(verdicts.map(([host, port]) => judgeKey(lines, host, port, blob(first)).kind)).toEqual([
      'known',
      'known',
      'unknown',
      'unknown',
      'known',
      'known',
    ]);
    // As OpenSSH files a HostKeyAlias with capitals.
    expect(judgeKey(parseKnownHosts(hashed(`Alias ${first}\n`), 'file'), 'Alias', 22, blob(first)).kind).toBe('known');
  });

  test('is compared with the line that errors name', () => {
    const verdict = judgeKey(parseKnownHosts(`# first\n\nweb1 ${second}\n`, '/x/known_hosts'), 'web1', 22, blob(first));
    expect(verdict).toMatchObject({ kind: 'changed', by: { file: '/x/known_hosts', line: 3 } });
  });
});

test('the types on record are told, and authorities', () => {
  const lines = parseKnownHosts(`web1 ${first}\nweb1 ${ecdsa}\n@cert-authority *.org ${second}\n`, 'file');
  expect(knownKeyTypes(lines, 'web1', 22)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
  expect([hasCertAuthority(lines, 'a.org', 22), hasCertAuthority(lines, 'web1', 22)]).toEqual([true, false]);
});

test('a new key is recorded behind what is there, for OpenSSH to find', () => {
  const file = join(directory, 'new', 'known_hosts');
  recordKey(file, 'web1', 22, blob(first), false);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, `web1 ${first}`);
  recordKey(file, 'web2', 2222, blob(second), false);
  recordKey(file, 'web3', 22, blob(ecdsa), true);
  const [line1, line2, line3] = readFileSync(file, 'utf8').split('\n');
  expect([line1, line2]).toEqual([`web1 ${first}`, `[web2]:2222 ${second}`]);
  expect(line3).toMatch(/^\|1\|/);
  expect(execFileSync('ssh-keygen', ['-F', 'web3', '-f', file]).toString()).toContain(ecdsa);
});
