/**
 * Modules of Ansible, packed by the ansible-core that is installed here, on files of this machine: check mode tells what
 * the run does, a second run changes nothing, and what the module says of itself is what play tells.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { handler, type Keywords, type Task } from '../../src/playbook/index.ts';
import { packModule } from '../../src/resources/ansible/module/packed-module.ts';
import { ansibleModule, copy, debug } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import { noAnsible, pythonWithAnsible } from '../parity/run-ansible.ts';
import { runPlay, type PlayRun } from '../support/run-play.ts';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ansible-module');
const python = '/usr/bin/python3';
skipTests(pythonWithAnsible() === python ? undefined : noAnsible);

const before = { ...process.env };
const path = (name: string): string => join(folder, name);

/** A module of the user's own: `body` works with `module`, and ends it. */
function library(name: string, body: string, spec = 'supports_check_mode=True'): void {
  const source = `#!/usr/bin/python
import os
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule(argument_spec=dict(path=dict(type='path'), token=dict(no_log=True), fail=dict(type='bool')), ${spec})
${body}`;
  mkdirSync(path('library'), { recursive: true });
  writeFileSync(path(`library/${name}.py`), source);
}

beforeAll(() => {
  process.env['XDG_CACHE_HOME'] = path('cache');
  process.env['ANSIBLE_LIBRARY'] = path('library');
});
beforeEach(() => void (process.env['PATH'] = before['PATH']));
afterAll(() => void (process.env = before));

type Tasks = () => readonly Task<unknown>[];
const run = (tasks: Tasks, check = false): Promise<PlayRun> =>
  runPlay({ name: 'p', hosts: 'all', tasks: () => [...tasks()] }, { check });
const module = <T extends object>(name: string, args: Record<string, unknown>, keywords: Keywords<T> = {}): Task<T> =>
  ansibleModule<T>({ module: name, args, python }, { name, ...keywords });

it('is foretold by its own check mode, makes the change, and finds it made', async () => {
  const file = path("it's a file");
  const name = 'ansible.builtin.lineinfile';
  const line: Tasks = () => [module(name, { path: file, line: 'ü "one" 😀', create: true, mode: '0600' })];
  const checked = await run(line, true);
  expect(checked.told).toEqual([`changed ${name}`]);
  expect(existsSync(file)).toBe(false);
  const { tasks } = await run(line);
  expect(checked.tasks[0]?.assumed).toEqual([`${name} does what its own check mode predicts`]);
  expect(tasks[0]).toMatchObject({ status: 'changed', assumed: [] });
  // The module's own check mode says nothing of the mode of a file that is not there yet.
  expect(tasks[0]?.changes).toEqual([...(checked.tasks[0]?.changes ?? []), { what: 'mode', from: '0644', to: '0600' }]);
  expect(tasks[0]?.changes[0]?.text?.after).toEqual(Buffer.from('ü "one" 😀\n'));
  expect(readFileSync(file, 'utf8')).toBe('ü "one" 😀\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await run(line)).told).toEqual([`ok ${name}`]);
  expect((await run(line, true)).told).toEqual([`ok ${name}`]);
});

it('gives its result to later tasks, and notifies only where it says that it changed something', async () => {
  const tasks = (): Task<unknown>[] => {
    const said = handler('said', () => debug({ msg: 'x' }));
    const args = { path: path('made'), state: 'directory' };
    const made = module<{ state: string }>('ansible.builtin.file', args, { notify: said });
    return [made, debug({ msg: ({ results }) => results(made).state })];
  };
  const first = await run(tasks);
  expect(first.told).toEqual(['changed ansible.builtin.file', 'ok debug', 'ok handler said']);
  expect(first.tasks[1]?.message).toBe('directory');
  expect(first.tasks[0]?.changes).toContainEqual({ what: 'state', from: 'absent', to: 'directory' });
  expect((await run(tasks)).told).toEqual(['ok ansible.builtin.file', 'ok debug']);
});

it('sees in check mode what is planned before it', async () => {
  const dest = path('planned');
  const tasks: Tasks = () => [
    copy({ dest, content: 'one\n' }),
    module('ansible.builtin.lineinfile', { path: dest, line: 'one' }),
    module('ansible.builtin.lineinfile', { path: dest, line: 'two' }),
  ];
  const checked = await run(tasks, true);
  expect(checked.tasks.map(({ status, may }) => may ?? status)).toEqual(['changed', 'ok', 'changed']);
  expect((await run(tasks)).told.map((one) => one.split(' ')[0])).toEqual(['changed', 'ok', 'changed']);
});

it('fails with the words of the module, and nothing behind it is done', async () => {
  const tasks: Tasks = () => [
    module('ansible.builtin.lineinfile', { path: path('none'), line: 'x', nonsense: 1 }),
    copy({ dest: path('behind'), content: 'x' }),
  ];
  for (const check of [true, false]) {
    const { tasks: told } = await run(tasks, check);
    expect(told.map(({ status }) => status)).toEqual(['failed']);
    expect(told[0]?.error?.what).toContain('Unsupported parameters for (ansible.builtin.lineinfile) module: nonsense');
  }
  expect(existsSync(path('behind'))).toBe(false);
});

it('may change where it has no check mode, and is not run then', async () => {
  library('blind', `open(module.params['path'], 'w').close(); module.exit_json(changed=True)`, '');
  library('refuses', `module.exit_json(changed=True)`, 'supports_check_mode=False');
  const tasks: Tasks = () => [module('blind', { path: path('blind') }), module('refuses', {})];
  const { tasks: told } = await run(tasks, true);
  expect(told.map(({ may }) => may)).toEqual([
    'blind has no check mode',
    expect.stringContaining('refuses says: remote module (refuses) does not support check mode'),
  ]);
  expect(existsSync(path('blind'))).toBe(false);
  expect((await run(tasks)).told).toEqual(['changed blind', 'changed refuses']);
});

it('shows secrets to no other account of the host', async () => {
  library(
    'looks',
    `import glob
def read(name):
    try:
        return open(name, 'rb').read()
    except OSError:
        return b''
lines = [read(one) for one in glob.glob('/proc/[0-9]*/cmdline') + ['/proc/self/environ']]
token = module.params['token']
shown = any(token.encode() in line for line in lines)
folder = os.stat(os.environ['TMPDIR'])
open(module.params['path'], 'w').write(os.environ['TMPDIR'])
module.exit_json(changed=False, length=len(token), shown=shown, mode=oct(folder.st_mode & 0o777), raw=token[::-1])`,
  );
  const token = new Secret(() => 'unheard-of-4711', 'a test');
  const tasks: Tasks = () => {
    const looked = module<{ length: number; shown: boolean; mode: string; raw: string }>('looks', {
      token,
      path: path('tmpdir'),
    });
    const msg = ['length', 'shown', 'mode', 'raw'] as const;
    return [looked, debug({ msg: ({ results }) => msg.map((name) => String(results(looked)[name])).join(' ') })];
  };
  for (const check of [true, false]) {
    const { tasks: told, events } = await run(tasks, check);
    expect(told[0]?.error).toBeNull();
    expect(told[1]?.message).toBe('15 false 0o700 1174-fo-draehnu');
    expect(JSON.stringify(events.filter(({ event }) => event === 'sent'))).not.toContain('unheard-of-4711');
    expect(existsSync(readFileSync(path('tmpdir'), 'utf8'))).toBe(false);
  }
});

it('is packed once, until the files it is made of change', async () => {
  library('counted', 'module.exit_json(changed=False)');
  mkdirSync(path('bin'), { recursive: true });
  const program = (name: string, text: string): void => {
    writeFileSync(path(`bin/${name}`), text);
    chmodSync(path(`bin/${name}`), 0o755);
  };
  program('python3', `#!/bin/sh\necho >>${path('asked')}\nexec ${python} "$@"\n`);
  program('ansible', `#!${path('bin/python3')}\n`);
  process.env['PATH'] = `${path('bin')}:${before['PATH'] ?? ''}`;
  const asked = (): number => readFileSync(path('asked'), 'utf8').length;
  const packed = async (): Promise<string> => {
    vi.resetModules();
    const fresh = await import('../../src/resources/ansible/module/packed-module.ts');
    return fresh.packModule('counted', folder).payload;
  };
  const first = await packed();
  expect(await packed()).toBe(first);
  expect(asked()).toBe(1);
  library('counted', 'module.exit_json(changed=False, more=1)');
  expect(await packed()).not.toBe(first);
  expect(asked()).toBe(2);
});

it('says before any host is touched what cannot be sent', () => {
  const why = (name: string): { message?: string; hint?: string } => {
    try {
      packModule(name, folder);
      return {};
    } catch (error) {
      return error as Error & { hint?: string };
    }
  };
  expect(why('ansible.builtin.template')).toMatchObject({
    message: expect.stringContaining('an action plugin') as string,
    hint: 'Write it with `template` of play.',
  });
  expect(why('no.such.thing').hint).toContain('ansible-galaxy collection install no.such');
  writeFileSync(path('library/perl.pl'), '#!/usr/bin/perl\nprint "{}"\n');
  expect(why('perl').message).toContain("not a module written with Ansible's own Python library");
  process.env['PATH'] = path('nothing');
  expect(why('ansible.builtin.file')).toMatchObject({
    message: 'ansibleModule: there is no Ansible on this machine to take the module ansible.builtin.file from',
  });
});
