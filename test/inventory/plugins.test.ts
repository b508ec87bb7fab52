import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { PlayError } from '../../src/errors/index.ts';
import { loadInventory, type Inventory, type InventoryWarning } from '../../src/inventory/index.ts';
import { noAnsible, pythonWithAnsible } from '../parity/run-ansible.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('plugins');
const path = process.env['PATH'] ?? '';
afterEach(() => void (process.env['PATH'] = path));

function file(name: string, text: string): string {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** An ansible-inventory that counts how often it was asked, in place of the real one. */
function standIn(answer: string): () => number {
  const program = file(
    'bin/ansible-inventory',
    `#!/bin/sh\necho "$@" >>${folder}/asked\ncat <<'EOF'\n${answer}\nEOF\n`,
  );
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 'asked'), '');
  process.env['PATH'] = `${join(folder, 'bin')}:${path}`;
  return () => readFileSync(join(folder, 'asked'), 'utf8').split('\n').length - 1;
}

const said: InventoryWarning[] = [];
function load(...sources: readonly string[]): Inventory {
  said.length = 0;
  return loadInventory({ sources, onWarning: (one) => void said.push(one), pluginCache: () => join(folder, 'cache') });
}

describe('an inventory of a plugin', () => {
  const hosts = file('hosts', '[web]\nh1 v=1\n');
  const answer =
    '{"_meta":{"hostvars":{"h1":{"v":1,"size":2.0},"h2":{"token":{"__ansible_unsafe":"{{ x }}"}}}},"all":{"children":["ungrouped","web","eu"]},"web":{"hosts":["h1"]},"eu":{"hosts":["h1","h2"],"vars":{"zone":"a"}}}';

  it('is asked of ansible-inventory, with all that comes before it', () => {
    const cloud = file('cloud.yml', 'plugin: some.cloud\n');
    const count = standIn(answer);
    const inventory = load(hosts, cloud);
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(`-i ${hosts} -i ${cloud} --list --export\n`);
    expect(inventory.groups.get('eu')?.hosts).toEqual(['h1', 'h2']);
    expect(inventory.vars('h2')).toEqual({ token: '{{ x }}', zone: 'a' });
    expect(inventory.vars('h1')['size']).toMatchObject({ kind: 'float', text: '2.0' });
    // What the inventory said before keeps its place.
    expect(inventory.variable('h1', 'v')?.origin.where).toEqual({ file: hosts, line: 2, column: 4 });
    expect(said).toEqual([]);
    expect(count()).toBe(1);
  });

  it('is kept for its owner alone, told to be old, and asked anew when a file changes', () => {
    const cloud = file('kept.yml', 'plugin: some.cloud\n');
    const count = standIn(answer);
    load(hosts, cloud);
    load(hosts, cloud);
    expect(count()).toBe(1);
    expect(said).toEqual([
      expect.objectContaining({
        what: expect.stringMatching(/^What the plugin some\.cloud says is \d+ s old$/) as unknown,
      }),
    ]);
    const kept = /when (\S+) is removed/.exec(said[0]?.hint ?? '')?.[1] ?? '';
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    file('kept.yml', 'plugin: some.cloud\nregion: eu\n');
    load(hosts, cloud);
    expect(count()).toBe(2);
  });

  it('is an error that names the plugin where there is no ansible-inventory', () => {
    const cloud = file('none.config', '# a comment\nplugin: amazon.aws.aws_ec2\n');
    process.env['PATH'] = join(folder, 'nowhere');
    expect(() => load(cloud)).toThrowError(
      expect.objectContaining({
        message:
          'This inventory needs the plugin amazon.aws.aws_ec2 of Ansible, and there is no ansible-inventory here',
        where: { file: cloud, line: 2, column: 1 },
      }) as PlayError,
    );
  });

  it('is what the real ansible-inventory makes of it', ({ skip }) => {
    if (pythonWithAnsible() === undefined) skip(noAnsible);
    const made = file('made.yml', `plugin: constructed\ngroups:\n  one: "'1' in inventory_hostname"\n`);
    expect(load(hosts, made).groups.get('one')?.hosts).toEqual(['h1']);
    const wrong = file('wrong.yml', 'plugin: no.such.plugin\n');
    expect(() => load(wrong)).toThrowError(/cannot read this with the plugin no\.such\.plugin/);
  });
});
