import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { knownCollectors } from '../../roles/airflow/known-collectors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const project = temporaryFolder('known');
const file = join(project, 'ext/known_hosts');
const real = { isSandbox: false };
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+8bLvCkQQz3nCcV6LmVKl0TAUEoKwGVlzWqnRmMmpM';

function knowing(...lines: readonly string[]): void {
  mkdirSync(join(project, 'ext'), { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`);
}

test('the lines of the collectors, and of nobody else, in the order of names', () => {
  knowing(
    '# a comment',
    `c2.example.org,192.0.2.2 ${key}`,
    `other.example.org ${key}`,
    `c1.example.org ${key}`,
    `xc1.example.org ${key}`,
    `@revoked c1.example.org ${key}`,
  );
  expect(knownCollectors(real, ['c2.example.org', 'c1.example.org'], project)).toBe(
    `c1.example.org ${key}\nc2.example.org,192.0.2.2 ${key}\n`,
  );
});

test('lines that ssh-keygen has hashed', () => {
  knowing(`c1.example.org ${key}`, `c2.example.org ${key}`);
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
  expect(readFileSync(file, 'utf8')).not.toContain('c1.example.org');
  const found = knownCollectors(real, ['c2.example.org'], project);
  expect(found).toBe(`${readFileSync(file, 'utf8').trim().split('\n')[1] ?? ''}\n`);
});

test('a collector nobody has compared the key of: no connection to whoever answers', () => {
  knowing(`c1.example.org ${key}`);
  expect(() => knownCollectors(real, ['c1.example.org', 'c3.example.org'], project)).toThrow(
    'ext/known_hosts has no host key of the collector c3.example.org',
  );
  expect(() => knownCollectors(real, ['c1.example.org'], join(project, 'none'))).toThrow(
    'no host key of the collector c1.example.org',
  );
  expect(knownCollectors({ isSandbox: true }, ['c3.example.org'], project)).toBe('');
});
