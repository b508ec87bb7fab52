/** A plan that has to be signed is applied as it was signed, by who may, or not at all. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { requireSigned } from '../../src/cli/commands/plan/signature.ts';
import { makeProject } from '../cli/command-line.ts';

const project = makeProject({ 'plan.json': '{"format":"play-plan/1"}\n' });
const at = (name: string): string => join(project.dir, name);
const plan = at('plan.json');

const sign = (key: string, namespace = 'play-plan'): void => {
  rmSync(`${plan}.sig`, { force: true });
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', at(key), plan], { stdio: 'pipe' });
};
const check = (bytes: Buffer = readFileSync(plan)): string => requireSigned(plan, bytes, at('signers'));

beforeAll(() => {
  for (const name of ['anna', 'late', 'mallory'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name)]);
  const line = (name: string, options: string): string =>
    `${name}@example.org ${options} ${readFileSync(at(`${name}.pub`), 'utf8')}`;
  writeFileSync(at('signers'), line('anna', 'namespaces="play-plan"') + line('late', 'valid-before="20200101"'));
});

test('who signed it is said', () => {
  sign('anna');
  expect(check()).toBe('anna@example.org');
});

test.each([
  ['by nobody of these', () => sign('mallory'), /nobody in .*signers has signed it/],
  ['by one whose time is over', () => sign('late'), /nobody in .*signers has signed it|late@example.org did not sign/],
  ['for another purpose', () => sign('anna', 'git'), /anna@example.org did not sign these bytes as a plan/],
  [
    'by no signature at all',
    () => writeFileSync(`${plan}.sig`, 'anna was here\n'),
    /nobody in .*signers has signed it/,
  ],
] as const)('refused: signed %s', (_, prepare, detail) => {
  prepare();
  expect(check).toThrow(
    expect.objectContaining({
      message: 'The signature of the plan is not valid: nothing was changed',
      detail: expect.stringMatching(detail) as string,
    }) as Error,
  );
});

test('refused: another plan than that which was signed', () => {
  sign('anna');
  expect(() => check(Buffer.from('{"format":"play-plan/1" }\n'))).toThrow('is not valid');
});

test('play apply refuses before it reads what the plan says', async () => {
  rmSync(`${plan}.sig`, { force: true });
  const unsigned = await project.play('apply', 'plan.json', '--signers', 'signers');
  expect([unsigned.code, unsigned.stderr]).toEqual([
    1,
    expect.stringMatching(/^error: The plan is not signed: nothing was changed\n {2}at plan\.json\n/) as string,
  ]);
  sign('anna');
  const signed = await project.play('apply', 'plan.json', '--signers', 'signers');
  expect(signed.stderr).toMatch(/^plan\.json is signed by anna@example\.org\nerror: The file is not a plan/);
});
