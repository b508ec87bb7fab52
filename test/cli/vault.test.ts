import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noAnsible, pythonWithAnsible } from '../parity/run-ansible.ts';
import { skipTests } from '../support/skip-tests.ts';
import { inTerminal, makeProject, playRoot, type Outcome, type Project } from './command-line.ts';

const plain = 'db_password: "s3cr3t"\nport: 5432\n';

/** Runs a program with an input, and gives what it prints. */
function pipe(program: string, args: readonly string[], cwd: string, input = '', env = {}): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, detached: true });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', fail);
    child.once('close', (code) => done({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

const vaulted = (input: string, { dir }: Project, ...args: readonly string[]): Promise<Outcome> =>
  pipe(join(playRoot, 'play'), ['vault', ...args], dir, input);
const textOf = ({ dir }: Project, name: string): string => readFileSync(join(dir, name), 'utf8');
const modeOf = ({ dir }: Project, name: string): string => (statSync(join(dir, name)).mode & 0o777).toString(8);

const project = (): Project =>
  makeProject({
    'plain.yml': plain,
    'pw': 'voilà',
    'pw2': ' zwei\n',
    'play.config.ts': "export default { inventory: 'hosts' };",
    'hosts': 'h1\n',
  });

describe.concurrent('together with ansible-vault', () => {
  skipTests(pythonWithAnsible() === undefined ? noAnsible : undefined);
  const ansible = ({ dir }: Project, input: string, ...args: readonly string[]): Promise<Outcome> =>
    pipe('ansible-vault', args, dir, input);

  it('a file goes both ways, with ids, links and modes kept', async () => {
    const p = project();
    chmodSync(join(p.dir, 'plain.yml'), 0o640);
    symlinkSync('plain.yml', join(p.dir, 'link.yml'));
    expect(await vaulted('', p, 'encrypt', 'link.yml', '--vault-id', 'prod@pw')).toMatchObject({ code: 0, stderr: '' });
    expect(textOf(p, 'plain.yml')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    expect([modeOf(p, 'plain.yml'), lstatSync(join(p.dir, 'link.yml')).isSymbolicLink()]).toEqual(['640', true]);
    expect((await ansible(p, '', 'view', '--vault-id', 'prod@pw', 'plain.yml')).stdout).toBe(plain);
    await ansible(p, '', 'rekey', '--vault-id', 'prod@pw', '--new-vault-password-file', 'pw2', 'plain.yml');
    expect((await vaulted('', p, 'view', '--vault-pass-file', 'pw2', 'plain.yml')).stdout).toBe(plain);
    expect(
      (await vaulted('', p, 'rekey', '--vault-password-file', 'pw2', '--new-vault-id', 'x@pw', 'plain.yml')).code,
    ).toBe(0);
    expect(textOf(p, 'plain.yml')).toMatch(/;AES256;x\n/);
    expect((await ansible(p, '', 'decrypt', '--vault-id', 'x@pw', '--output', '-', 'plain.yml')).stdout).toBe(plain);
    expect((await vaulted('', p, 'decrypt', 'plain.yml', '--vault-id', 'dev@pw2', '--vault-id', 'y@pw')).code).toBe(0);
    expect([textOf(p, 'plain.yml'), modeOf(p, 'plain.yml')]).toEqual([plain, '600']);
  });

  it('standard input and output', async () => {
    const p = project();
    const theirs = await ansible(p, plain, 'encrypt', '--vault-password-file', 'pw', '--output', '-');
    expect(
      (await vaulted(theirs.stdout.replaceAll('\n', '\r\n'), p, 'decrypt', '--vault-password-file', 'pw')).stdout,
    ).toBe(plain);
    const ours = await vaulted(plain, p, 'encrypt', '-', '--vault-password-file', 'pw', '--output', 'made');
    expect([ours.code, modeOf(p, 'made')]).toEqual([0, '600']);
    expect((await ansible(p, textOf(p, 'made'), 'decrypt', '--vault-password-file', 'pw')).stdout).toBe(plain);
  });

  it('single values: names, standard input, and what stands before', async () => {
    const p = project();
    const args = [
      '--vault-id',
      'a@pw',
      '--vault-id',
      'b@pw2',
      '--encrypt-vault-id',
      'b',
      '--stdin-name',
      'first',
      '-n',
      'second',
      'x y',
      'z',
    ];
    const shape = ({ stdout }: Outcome): string =>
      stdout
        .trimEnd()
        .replaceAll(/^ +[\da-f]+$/gm, '#')
        .replaceAll(/#(?:\n#)+/g, '#');
    const theirs = await ansible(p, 'from stdin', 'encrypt_string', ...args);
    const ours = await vaulted('from stdin', p, 'encrypt-string', ...args);
    expect(shape(ours)).toBe(shape(theirs));
    expect(ours.stderr).toContain('# The encrypted version of variable ("first", the string #1 from stdin).');
    p.write({ 'values.yml': ours.stdout.replace(/^!vault/m, 'third: !vault') });
    const shown = await p.play('inventory', '--host', 'h1', '-e', '@values.yml');
    expect(JSON.parse(shown.stdout)).toMatchObject({ first: '<secret>', second: '<secret>', third: '<secret>' });
    const value = /second: !vault \|\n((?: +\S+\n)+)/.exec(ours.stdout)?.[1]?.replaceAll(' ', '') ?? '';
    expect((await ansible(p, value, 'decrypt', '--vault-id', 'b@pw2')).stdout).toBe('x y');
  });

  it('a name left over is that of standard input, which ansible-vault leaves without one', async () => {
    const p = project();
    const args = ['-n', 'third', '--vault-id', 'b@pw2'];
    expect((await vaulted('from stdin', p, 'encrypt-string', ...args)).stdout).toMatch(/^third: !vault \|\n/);
    const more = await vaulted('', p, 'encrypt-string', 'text', '-n', 'a', '-n', 'b', '--vault-id', 'b@pw2');
    expect(more.stderr).toContain('There are more names than texts: b names none');
  });
});

describe.concurrent('edit', () => {
  const editor = (p: Project, script: string): { EDITOR: string } => {
    const file = join(p.dir, 'editor of mine');
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
    return { EDITOR: `'${file}' --wait` };
  };
  const edit = (p: Project, script: string): Promise<Outcome> =>
    pipe(join(playRoot, 'play'), ['vault', 'edit', 'plain.yml', '--vault-id', 'prod@pw'], p.dir, '', editor(p, script));
  const encrypted = async (): Promise<Project> => {
    const p = project();
    await vaulted('', p, 'encrypt', 'plain.yml', '--vault-id', 'prod@pw');
    return p;
  };

  it('in a folder of its own, that is gone, under the label it had; and not written where nothing changed', async () => {
    const p = await encrypted();
    const before = textOf(p, 'plain.yml');
    expect((await edit(p, 'true')).code).toBe(0);
    expect(textOf(p, 'plain.yml')).toBe(before);
    const log = join(p.dir, 'log');
    expect(
      (await edit(p, `stat -c %a "$(dirname "$2")" "$2" > '${log}'; echo "$2" >> '${log}'; echo new: 1 >> "$2"`)).code,
    ).toBe(0);
    const [folderMode, fileMode, file = ''] = readFileSync(log, 'utf8').split('\n');
    expect([folderMode, fileMode, file.endsWith('/plain.yml'), existsSync(join(file, '..'))]).toEqual([
      '700',
      '600',
      true,
      false,
    ]);
    expect(textOf(p, 'plain.yml')).toMatch(/;prod\n/);
    expect((await vaulted('', p, 'view', 'plain.yml', '--vault-id', 'prod@pw')).stdout).toBe(`${plain}new: 1\n`);
  });

  it('that fails, or is ended by a signal, leaves the file as it was and nothing else', async () => {
    const p = await encrypted();
    const before = textOf(p, 'plain.yml');
    const log = join(p.dir, 'log');
    const failed = await edit(p, 'echo lost >> "$2"; exit 3');
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('The editor ended with exit code 3')]);
    const killed = await edit(
      p,
      `echo lost >> "$2"; echo "$2" > '${log}'; kill -TERM $(ps -o ppid= -p $(ps -o ppid= -p $$)); sleep 20`,
    );
    expect(killed.code).not.toBe(0);
    expect(existsSync(join(readFileSync(log, 'utf8').trim(), '..'))).toBe(false);
    expect(textOf(p, 'plain.yml')).toBe(before);
    expect(readdirSync(p.dir).filter((name) => name.includes('~'))).toEqual([]);
  });
});

describe.concurrent('with age', () => {
  const age = join(import.meta.dirname, '..', 'secrets', 'fixtures', 'age');
  const key = (p: Project): string => {
    p.write({ 'key.txt': readFileSync(join(age, 'identity.txt'), 'utf8') });
    chmodSync(join(p.dir, 'key.txt'), 0o600);
    return join(p.dir, 'key.txt');
  };

  it('files and values, for keys of ssh too, and from vault to age', async () => {
    const p = project();
    const identity = ['--age-identity', key(p)];
    const recipients = [
      '--age-recipients-file',
      join(age, 'recipients.txt'),
      '--age-recipients-file',
      join(age, 'rsa.pub'),
    ];
    expect(await vaulted('', p, 'encrypt', 'plain.yml', ...recipients)).toMatchObject({ code: 0, stderr: '' });
    expect(textOf(p, 'plain.yml')).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    expect((await vaulted('', p, 'view', 'plain.yml', ...identity)).stdout).toBe(plain);
    const value = await vaulted('', p, 'encrypt-string', '-n', 'token', 'geheim', ...recipients);
    expect(value.stdout).toMatch(/^token: !age \|\n {10}-----BEGIN AGE/);
    p.write({
      'group_vars/all.yml': value.stdout,
      'v.yml': '',
      'play.config.ts': "export default { inventory: 'hosts', ageIdentities: ['key.txt'] };",
    });
    expect((await p.play('inventory', '--host', 'h1')).stdout).toContain('"token": "<secret>"');
    await vaulted('a: 1\n', p, 'encrypt', '--output', 'v.yml', '--vault-password-file', 'pw');
    expect((await vaulted('', p, 'rekey', 'v.yml', '--vault-password-file', 'pw', ...recipients)).code).toBe(0);
    expect((await vaulted('', p, 'decrypt', '--output', '-', 'v.yml')).stdout).toBe('a: 1\n');
    const nobody = await vaulted('', p, 'rekey', 'v.yml');
    expect(nobody.stderr).toContain('Which recipients should age encrypt it for?');
  });

  it('files of sops are shown, and left to sops', async () => {
    const p = project();
    const sops = join(age, '..', 'sops');
    p.write({
      'f.yaml': readFileSync(join(sops, 'example.yaml'), 'utf8'),
      'key.txt': readFileSync(join(sops, 'identity.txt'), 'utf8'),
    });
    chmodSync(join(p.dir, 'key.txt'), 0o600);
    expect((await vaulted('', p, 'view', 'f.yaml', '--age-identity', 'key.txt')).stdout).toContain(
      'password: "c4r1b0u"',
    );
    expect((await vaulted('', p, 'edit', 'f.yaml', '--age-identity', 'key.txt')).stderr).toContain(
      'play only reads sops files',
    );
  });
});

describe.concurrent('what is wrong is said, and nothing is written', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['no password and no terminal', ['encrypt', 'plain.yml'], /no terminal to ask for the new vault password/],
    [
      'two ids and none chosen',
      ['encrypt', 'plain.yml', '--vault-id', 'a@pw', '--vault-id', 'b@pw2'],
      /several vault ids to encrypt with: a, b/,
    ],
    [
      'an id nobody gave',
      ['encrypt', 'plain.yml', '--vault-id', 'a@pw', '--encrypt-vault-id', 'c'],
      /No password is given for the vault id "c"/,
    ],
    ['one in the clear', ['decrypt', 'plain.yml', '--vault-id', 'a@pw'], /This is not encrypted/],
    ['no file', ['encrypt', 'plain.yml', 'nowhere', '--vault-id', 'a@pw'], /There is no such file/],
    [
      'two files into one',
      ['encrypt', 'plain.yml', 'pw', '--output', 'x', '--vault-id', 'a@pw'],
      /--output is for the result of one file/,
    ],
    ['no file to look at', ['view', '--vault-id', 'a@pw'], /Which file\?/],
    ['an unknown action', ['encode'], /Unknown action of play vault "encode"/],
    ['a recipient that is none', ['encrypt', 'plain.yml', '--age-recipient', 'bob'], /"bob" is not a recipient/],
  ])('%s', async (_, args, message) => {
    const p = project();
    const { code, stderr } = await vaulted('', p, ...args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(textOf(p, 'plain.yml')).toBe(plain);
  });

  it('passwords are asked for twice, where they are new, and must be the same', async () => {
    const p = project();
    const right = await inTerminal(
      p,
      ['vault', 'encrypt', 'plain.yml'],
      [
        [/new vault password: /, 'gehéim'],
        [/again: /, 'gehéim'],
      ],
    );
    expect([right.code, right.shown.includes('gehéim')]).toEqual([0, false]);
    const shown = await inTerminal(p, ['vault', 'decrypt', 'plain.yml'], [[/vault password: /, 'gehéim']]);
    expect([shown.code, textOf(p, 'plain.yml')]).toEqual([0, plain]);
    const wrong = await inTerminal(
      p,
      ['vault', 'encrypt', 'plain.yml'],
      [
        [/new vault password: /, 'a'],
        [/again: /, 'b'],
      ],
    );
    expect([wrong.code, wrong.shown]).toEqual([1, expect.stringContaining('The two passwords differ')]);
  });
});
