import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { distrust, trustInstaller } from '../../src/trust/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { localWeb, makeProject, playRoot, run, sayPlaybook, type Project } from './command-line.ts';

/** An account that is neither ours nor root's. */
const stranger = 12345;
const attack = "require('node:fs').writeFileSync(require('node:path').join(process.cwd(), 'OWNED'), '');\n";
const vaulted = readFileSync(join(playRoot, 'test/secrets/fixtures/vault-1.1.yml'), 'utf8');
const imports = (name: string): string => `import '${name}';\n${sayPlaybook}`;

/** A project that is fine as it is, and the one folder of it that others are let into. */
function shared(files: Readonly<Record<string, string>> = {}): Project {
  return makeProject({
    'p/play.config.ts': "import { defineConfig } from 'play';\nexport default defineConfig({});\n",
    'p/inventory/hosts': localWeb,
    'p/group_vars/web.yml': 'a: b\n',
    'p/playbooks/site.ts': sayPlaybook,
    ...files,
  });
}

interface Attack {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  /** What belongs to the stranger, or, with a mode, may be written by others. */
  readonly taken: readonly (readonly [path: string, mode?: number])[];
  readonly args?: readonly string[];
  readonly says: RegExp;
  /** In spite of it the run goes on without what was planted. */
  readonly goesOn?: boolean;
}

const site = ['site', '--list-tasks'];
const attacks: readonly Attack[] = [
  {
    name: 'a configuration of a stranger',
    taken: [['p/play.config.ts']],
    says: /play\.config\.ts belongs to 12345, so play\.config\.ts is not read/,
  },
  {
    name: 'a configuration anybody may write',
    taken: [['p/play.config.ts', 0o666]],
    says: /Everybody may write .*play\.config\.ts, so/,
  },
  {
    name: 'a playbook of a stranger',
    taken: [['p/playbooks/site.ts']],
    says: /site\.ts belongs to 12345, so it is not read\n\s+at playbooks\/site\.ts/,
  },
  {
    name: 'a playbook in a folder anybody may write',
    taken: [['p/playbooks', 0o777]],
    says: /Everybody may write .*p\/playbooks, so it is not read/,
  },
  { name: 'a playbook below a folder anybody may write', taken: [['.', 0o777]], says: /Everybody may write/ },
  {
    name: 'a playbook in a folder another group may write',
    taken: [['p/playbooks', 0o775]],
    says: /The group games may write .*p\/playbooks, so it is not read/,
  },
  {
    name: 'what a playbook imports',
    files: { 'p/roles/x.ts': 'export const x = 1;\n', 'p/playbooks/site.ts': imports('../roles/x.ts') },
    taken: [['p/roles/x.ts']],
    says: /x\.ts belongs to 12345/,
  },
  {
    name: 'what it imports through a link to elsewhere',
    files: { 'open/x.ts': 'export const x = 1;\n', 'p/playbooks/site.ts': imports('../roles/x.ts') },
    taken: [['open', 0o777]],
    says: /Everybody may write .*\/open, so it is not read/,
  },
  {
    name: 'a package',
    files: {
      'p/node_modules/x/index.js': attack,
      'p/node_modules/x/package.json': '{"name":"x"}',
      'p/playbooks/site.ts': imports('x'),
    },
    taken: [['p/node_modules/x/index.js']],
    args: [...site, '--no-typecheck'],
    says: /index\.js belongs to 12345/,
  },
  {
    name: 'packages above the project',
    files: { 'node_modules/x/index.js': attack, 'p/playbooks/site.ts': imports('x') },
    taken: [['node_modules']],
    args: [...site, '--no-typecheck'],
    says: /node_modules belongs to 12345/,
  },
  {
    name: 'packages above a playbook that awaits at its top',
    files: { 'node_modules/x/index.js': attack, 'p/playbooks/site.ts': imports('x') + 'await Promise.resolve();\n' },
    taken: [['node_modules']],
    args: [...site, '--no-typecheck'],
    says: /node_modules belongs to 12345/,
  },
  { name: 'an inventory', taken: [['p/inventory/hosts']], says: /hosts belongs to 12345/ },
  {
    name: 'an inventory anybody may add to',
    taken: [['p/inventory', 0o777]],
    says: /Everybody may write .*inventory, so/,
  },
  {
    name: 'an inventory that is a program',
    files: { 'p/inventory/hosts': `#!/usr/bin/env node\n${attack}console.log('{}')\n` },
    taken: [['p/inventory/hosts', 0o777]],
    says: /Everybody may write .*hosts/,
  },
  {
    name: 'variables of a group',
    taken: [['p/group_vars/web.yml']],
    args: ['inventory', '--list'],
    says: /web\.yml belongs to 12345/,
  },
  {
    name: 'variables of the command line',
    files: { 'p/more.yml': 'x: y\n' },
    taken: [['p/more.yml', 0o622]],
    args: [...site, '-e', '@more.yml'],
    says: /may write .*more\.yml/,
  },
  {
    name: 'a program that gives the vault password',
    files: { 'p/pass': `#!/usr/bin/env node\n${attack}console.log('x')\n`, 'p/group_vars/web.yml': vaulted },
    taken: [['p/pass', 0o777]],
    args: ['inventory', '--host', 'web1', '--vault-password-file', 'pass'],
    says: /Everybody may write .*pass/,
  },
  {
    name: 'a program that gives the become password',
    files: { 'p/pass': `#!/usr/bin/env node\n${attack}console.log('x')\n` },
    taken: [['p/pass', 0o777]],
    args: ['site', '--become-password-file', 'pass', '--no-typecheck'],
    says: /Everybody may write .*pass/,
  },
  {
    name: "the deployer's configuration",
    files: { 'p/deployer.ini': 'x\n' },
    taken: [['p/deployer.ini']],
    args: ['deployer', 'status'],
    says: /deployer\.ini belongs to 12345/,
  },
  {
    name: 'stand-ins',
    files: { 'p/sandbox/vars.yml': 'a: c\n' },
    taken: [['p/sandbox/vars.yml']],
    args: [...site, '--sandbox'],
    says: /vars\.yml belongs to 12345/,
  },
  {
    name: 'a template of a role',
    files: {
      'p/playbooks/templates/x.hbs': 'x',
      'p/playbooks/site.ts':
        "import { definePlaybook, template } from 'play';\nexport default definePlaybook({ hosts: 'web', tasks: () => [template({ src: 'x.hbs', dest: '/x' })] });\n",
    },
    taken: [['p/playbooks/templates/x.hbs']],
    args: ['site', '-C', '--no-typecheck'],
    says: /x\.hbs belongs to 12345/,
  },
  {
    name: 'the cache of code, planted',
    files: { 'p/.play/cache/.keep': '' },
    taken: [['p/.play'], ['p/.play/cache']],
    says: /warning: The cache .*p\/\.play\/cache is neither read nor written: .*\.play belongs to 12345/,
    goesOn: true,
  },
  {
    name: 'the cache of code, which anybody may write',
    files: { 'p/.play/cache/.keep': '' },
    taken: [['p/.play/cache', 0o777]],
    says: /The cache .* is neither read nor written: everybody may write/,
    goesOn: true,
  },
];

/** Plants into every cache that is there what would run if it were believed. */
function poison(dir: string): void {
  const cache = join(dir, 'p/.play/cache');
  for (const name of existsSync(cache) ? readdirSync(cache) : []) {
    if (!name.endsWith('.cjs')) continue;
    writeFileSync(join(cache, name), attack);
    chownSync(join(cache, name), stranger, stranger);
  }
}

test.each(attacks)(
  '$name: not used, and said whose it is',
  async ({ files, taken, args = site, says, goesOn = false, name }) => {
    const project = shared(files);
    if (name.includes('link')) {
      mkdirSync(join(project.dir, 'p/roles'));
      symlinkSync('../../open/x.ts', join(project.dir, 'p/roles/x.ts'));
    }
    // A first run while all is well fills the caches.
    if (goesOn) await project.playIn('p', ...args);
    for (const [path, mode] of taken) {
      if (mode === undefined) chownSync(join(project.dir, path), stranger, stranger);
      else {
        chmodSync(join(project.dir, path), mode);
        chownSync(join(project.dir, path), 0, 60);
      }
    }
    if (goesOn) poison(project.dir);
    const before = existsSync(join(project.dir, 'p/.play/cache'))
      ? readdirSync(join(project.dir, 'p/.play/cache'))
      : [];
    const { code, stdout, stderr } = await project.playIn('p', ...args);
    expect(stderr).toMatch(says);
    expect(existsSync(join(project.dir, 'p/OWNED'))).toBe(false);
    expect(code).toBe(goesOn ? 0 : 1);
    if (!goesOn) expect(stdout).toBe('');
    else expect(readdirSync(join(project.dir, 'p/.play/cache'))).toEqual(before);
  },
);

test('a package.json that a stranger put above does not bring their cache along', async () => {
  const project = shared();
  writeFileSync(join(project.dir, 'package.json'), '{}');
  mkdirSync(join(project.dir, '.play/cache'), { recursive: true });
  const loose = join(project.dir, 'loose');
  mkdirSync(loose);
  cpSync(join(project.dir, 'p/playbooks/site.ts'), join(loose, 'site.ts'));
  for (const name of ['package.json', '.play', '.play/cache']) chownSync(join(project.dir, name), stranger, stranger);
  chmodSync(project.dir, 0o1777);
  const { code, stderr } = await project.playIn('loose', './site.ts', '-i', '../p/inventory/hosts', '--list-tasks');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readdirSync(join(project.dir, '.play/cache'))).toEqual([]);
  expect(existsSync(join(loose, '.play/cache'))).toBe(true);
});

test('what a cache holds is written so that it is read again, whatever the umask', async () => {
  const project = shared();
  const { stderr } = await run(
    'sh',
    ['-c', `umask 0; ${playRoot}/play site --list-tasks && umask 002 && ${playRoot}/play site --list-tasks`],
    { cwd: join(project.dir, 'p') },
  );
  expect(stderr).toBe('');
  const cache = join(project.dir, 'p/.play/cache');
  for (const name of readdirSync(cache)) expect([name, statSync(join(cache, name)).mode & 0o022]).toEqual([name, 0]);
});

test('a record of runs is not written where a stranger waits for it', async () => {
  const project = shared();
  mkdirSync(join(project.dir, '.state/play'), { recursive: true });
  symlinkSync(project.dir, join(project.dir, '.state/play/runs'));
  chownSync(join(project.dir, '.state/play'), stranger, stranger);
  chmodSync(project.dir, 0o755);
  const { stderr } = await project.playIn('p', 'site', '-C', '--no-typecheck', '-l', 'web1');
  expect(stderr).toMatch(/The run is not recorded: .*\.state\/play belongs to 12345/);
  expect(statSync(project.dir).mode & 0o777).toBe(0o755);
});

/** A folder, and what is in it: path, mode, owner, group; or a link and its target. */
type Place =
  | readonly [path: string, mode: number, uid?: number, gid?: number]
  | readonly [path: string, target: string, uid?: number];
const verdicts: readonly (readonly [string, readonly Place[], RegExp | undefined])[] = [
  [
    'ours',
    [
      ['a', 0o755],
      ['a/x', 0o644],
    ],
    undefined,
  ],
  [
    'a file of a stranger',
    [
      ['a', 0o755],
      ['a/x', 0o644, stranger],
    ],
    /a\/x belongs to 12345/,
  ],
  [
    'a folder of a stranger',
    [
      ['a', 0o755, stranger],
      ['a/x', 0o644],
    ],
    /\/a belongs to 12345/,
  ],
  [
    'one further up',
    [
      ['a', 0o777],
      ['a/b', 0o755],
      ['a/b/x', 0o644],
    ],
    /everybody may write .*\/a$/,
  ],
  [
    'a sticky folder',
    [
      ['a', 0o1777],
      ['a/x', 0o644],
    ],
    undefined,
  ],
  [
    "a stranger's in a sticky folder",
    [
      ['a', 0o1777],
      ['a/x', 0o644, stranger],
    ],
    /a\/x belongs to 12345/,
  ],
  [
    'a folder of a stranger in a sticky one',
    [
      ['a', 0o1777],
      ['a/b', 0o755, stranger],
      ['a/b/x', 0o644],
    ],
    /a\/b belongs to 12345/,
  ],
  [
    'a group of its own account',
    [
      ['a', 0o775, 0, 0],
      ['a/x', 0o664, 0, 0],
    ],
    undefined,
  ],
  [
    'a group of others',
    [
      ['a', 0o755],
      ['a/x', 0o664, 0, 60],
    ],
    /the group games may write/,
  ],
  [
    'a group nobody knows',
    [
      ['a', 0o755],
      ['a/x', 0o664, 0, 54321],
    ],
    /the group 54321 may write/,
  ],
  [
    "a stranger's link in a sticky folder",
    [
      ['t', 0o1777],
      ['a', 0o755],
      ['a/y', 0o644],
      ['t/x', '../a/y', stranger],
    ],
    /t\/x belongs to 12345/,
  ],
  [
    'our link in a sticky folder',
    [
      ['t', 0o1777],
      ['a', 0o755],
      ['a/y', 0o644],
      ['t/x', '../a/y'],
    ],
    undefined,
  ],
  [
    'a link out of a good folder into a bad one',
    [
      ['t', 0o777],
      ['t/y', 0o644],
      ['a', 0o755],
      ['a/x', '../t/y'],
    ],
    /everybody may write .*\/t$/,
  ],
  [
    'a link to itself',
    [
      ['a', 0o755],
      ['a/x', 'x'],
    ],
    undefined,
  ],
];

test.each(verdicts)('trust: %s', (_, places, why) => {
  const dir = temporaryFolder('trust');
  for (const [path, what, uid = 0, gid = 0] of places) {
    const at = join(dir, path);
    if (typeof what === 'string') {
      symlinkSync(what, at);
      lchownSync(at, uid, uid);
      continue;
    }
    if (path.endsWith('x') || path.endsWith('y')) writeFileSync(at, '');
    else mkdirSync(at);
    chownSync(at, uid, gid);
    chmodSync(at, what);
  }
  const [last = ''] = places.at(-1) ?? [];
  const found = distrust(join(dir, last));
  if (why === undefined) expect(found).toBeUndefined();
  else expect(found?.why).toMatch(why);
});

test("an access list is not taken for the group's own rights", async () => {
  const dir = temporaryFolder('trust');
  const file = join(dir, 'x');
  writeFileSync(file, '');
  chmodSync(file, 0o660);
  expect(distrust(file)).toBeUndefined();
  // The list acl(5) has for `user::rw-,user:5:rw-,group::rw-,mask::rw-,other::---`; setfacl need not be here.
  const list =
    "struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *one) for one in [(1, 6, 2**32 - 1), (2, 6, 5), (4, 6, 2**32 - 1), (16, 6, 2**32 - 1), (32, 0, 2**32 - 1)])";
  expect(
    (
      await run('python3', [
        '-c',
        `import os, struct, sys\nos.setxattr(sys.argv[1], 'system.posix_acl_access', ${list})`,
        file,
      ])
    ).stderr,
  ).toBe('');
  expect(distrust(file)?.why).toMatch(/may write/);
});

test.each([
  ['play/src/cli/main.ts', 0o666, /everybody may write/],
  ['play/dist', 0o777, /everybody may write/],
  ['play', 0o777, /everybody may write/],
  ['.', 0o777, /not safe to use: everybody may write/],
] as const)('play itself, with %s open to everybody, does not run', async (path, mode, says) => {
  const above = temporaryFolder('open');
  const dir = join(above, 'play');
  mkdirSync(dir);
  for (const name of ['play', 'build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json', 'src', 'dist'])
    cpSync(join(playRoot, name), join(dir, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(playRoot, 'node_modules'), join(dir, 'node_modules'));
  chmodSync(join(above, path), mode);
  const { code, stdout, stderr } = await run(join(dir, 'play'), ['--version']);
  expect(stderr).toMatch(says);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('who owns play itself is believed: root may run the checkout of another account', () => {
  const dir = temporaryFolder('theirs');
  chownSync(dir, stranger, stranger);
  expect(distrust(join(dir, 'site.ts'))?.why).toMatch(/belongs to 12345/);
  trustInstaller(stranger);
  try {
    expect(distrust(join(dir, 'site.ts'))).toBeUndefined();
  } finally {
    trustInstaller(0);
  }
});
