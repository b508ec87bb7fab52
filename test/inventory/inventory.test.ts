import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locationText } from '../../src/errors/index.ts';
import {
  defineInventory,
  hiddenDefinitions,
  explainVariable,
  inventoryGraph,
  inventoryHost,
  inventoryList,
  loadInventory,
  matchHosts,
  type Inventory,
  type InventoryWarning,
  type LoadInventoryOptions,
} from '../../src/inventory/index.ts';
import { Secret, Unreadable, Vault, vaultPasswordText } from '../../src/secrets/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = temporaryFolder('inventory');
let folders = 0;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String(++folders));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Loads `hosts` (or what is named) of a folder made of these files. */
function load(
  files: Readonly<Record<string, string>>,
  options: Partial<Omit<LoadInventoryOptions, 'sources'>> & { readonly sources?: readonly string[] } = {},
): Inventory {
  const folder = folderWith(files);
  const { sources = [Object.keys(files)[0] ?? ''], playbookDir, ...rest } = options;
  return loadInventory({
    ...rest,
    sources: sources.map((source) => join(folder, source)),
    playbookDir: playbookDir === undefined ? undefined : join(folder, playbookDir),
  });
}

const names = (inventory: Inventory): string[] => [...inventory.hosts.keys()];

describe('precedence, as Ansible has it: what the inventory says of groups < files of all < files of groups < host < -e', () => {
  const hosts =
    'h1 v=host_inline\n[child]\nh1\n[parent:children]\nchild\n[all:vars]\nv=all_inline\n[parent:vars]\nv=parent_inline\n[child:vars]\nv=child_inline\n';
  const levels: readonly (readonly [string, string])[] = [
    ['all', 'all_inline'],
    ['parent', 'parent_inline'],
    ['child', 'child_inline'],
    ['group_vars/all.yml', 'all_file'],
    ['play/group_vars/all.yml', 'all_play'],
    ['group_vars/parent.yml', 'parent_file'],
    ['group_vars/child.yml', 'child_file'],
    ['play/group_vars/parent.yml', 'parent_play'],
    ['play/group_vars/child.yml', 'child_play'],
    ['h1', 'host_inline'],
    ['host_vars/h1.yml', 'host_file'],
    ['play/host_vars/h1.yml', 'host_play'],
  ];
  const text = (count: number): Record<string, string> => {
    const present = new Set(levels.slice(0, count).map(([, value]) => value));
    const inline = hosts
      .split('\n')
      .map((line) => line.replace(/ ?v=(\w+)/, (whole, value: string) => (present.has(value) ? whole : '')))
      .join('\n');
    const files = levels
      .slice(0, count)
      .filter(([path]) => path.endsWith('.yml'))
      .map(([path, value]) => [path, `v: ${value}\n`]);
    return { 'hosts': inline, 'play/x.ts': '', ...Object.fromEntries(files) };
  };

  it.each(levels.map(([, value], i) => [i + 1, value] as const))('the %ith level: %s', (count, value) => {
    const inventory = load(text(count), { playbookDir: 'play' });
    expect(inventory.vars('h1')['v']).toBe(value);
    const chain = explainVariable(inventory, 'h1', 'v').definitions.map((definition) => definition.value);
    expect(chain).toEqual(
      levels
        .slice(0, count)
        .map(([, each]) => each)
        .reverse(),
    );
  });

  it('-e beats them all', () => {
    expect(load(text(12), { playbookDir: 'play', extraVars: ['v=extra'] }).vars('h1')['v']).toBe('extra');
  });

  it('groups of one depth: by priority, then by name', () => {
    const hosts =
      '[a]\nh\n[b]\nh\n[c]\nh\n[a:vars]\nx=a\ny=a\n[b:vars]\nx=b\ny=b\nansible_group_priority=10\n[c:vars]\nx=c\nz=c\n';
    expect(load({ hosts }).vars('h')).toEqual({ x: 'b', y: 'b', z: 'c' });
  });

  it('names where the nearest group does not have the last word', () => {
    const inventory = load({ 'hosts': '[web]\nh\n[web:vars]\nv=inline\nw=same\n', 'group_vars/all.yml': 'v: file\n' });
    expect(inventory.vars('h')['v']).toBe('file');
    expect(hiddenDefinitions(inventory, 'h').map(({ name, used, hidden }) => [name, used.value, hidden.value])).toEqual(
      [['v', 'file', 'inline']],
    );
  });
});

describe('a variable knows where it comes from', () => {
  const inventory = load(
    {
      'hosts': '# top\n[web]\n  h1 a=1  b="x y"\n[web:vars]\nc = 3\n',
      'group_vars/web/main.yml': 'd:\n  deep: 1\nb: group\n',
    },
    { extraVars: ['e=5'] },
  );
  it.each([
    ['a', 'host h1', 'hosts:3:6'],
    ['b', 'host h1', 'hosts:3:11'],
    ['c', 'group web', 'hosts:5:1'],
    ['d', 'group_vars of web', 'group_vars/web/main.yml:1:1'],
    ['e', '-e', '-e e=...'],
  ])('%s', (name, level, where) => {
    const [first] = explainVariable(inventory, 'h1', name).definitions;
    expect(first.level).toBe(level);
    expect(first.where.endsWith(where), first.where).toBe(true);
  });

  it('an unknown one is an error naming the nearest', () => {
    const many = load({ hosts: 'h1 http_port=1 other=2\n' });
    expect(() => explainVariable(many, 'h1', 'htp_port')).toThrow(
      expect.objectContaining({ message: 'Unknown variable "htp_port"', hint: 'Did you mean "http_port"?' }) as Error,
    );
    expect(() => explainVariable(many, 'h2', 'http_port')).toThrow('Unknown host "h2"');
  });
});

describe('sources', () => {
  it('of several kinds are read one after the other', () => {
    const folder = folderWith({
      'a/hosts': '[web]\nh1 x=1\n',
      'b.yml': 'web: {hosts: {h2: {x: 2}, h1: {y: 3}}}\n',
      'dir/1': 'h3\n',
      'dir/2.txt': '[bad',
      'dir/group_vars/all.yml': 'z: 9\n',
    });
    const inventory = loadInventory({
      sources: [join(folder, 'a/hosts'), join(folder, 'b.yml'), join(folder, 'dir'), 'h4,h5:22,'],
    });
    expect(names(inventory)).toEqual(['h1', 'h2', 'h3', 'h4', 'h5']);
    expect(inventory.vars('h1')).toEqual({ x: 1, y: 3, z: 9 });
    expect(inventory.vars('h5')).toEqual({ ansible_port: 22, z: 9 });
    expect(inventory.host('h1').groups).toEqual(['web']);
    expect(inventory.host('h4').groups).toEqual(['ungrouped']);
  });

  it('may be programs that print JSON', () => {
    const folder = folderWith({
      list: '#!/bin/sh\necho \'{"web": {"hosts": ["h1"], "vars": {"v": 1}, "children": ["eu"]}, "eu": ["h2"], "_meta": {"hostvars": {"h1": {"x": [1]}}}}\'\n',
      each: '#!/bin/sh\nif [ "$1" = --list ]; then echo \'{"g": ["h9"]}\'; else echo "{\\"name\\": \\"$2\\"}"; fi\n',
    });
    for (const program of ['list', 'each']) chmodSync(join(folder, program), 0o755);
    const inventory = loadInventory({ sources: [join(folder, 'list'), join(folder, 'each')] });
    expect(inventory.vars('h1')).toEqual({ v: 1, x: [1] });
    expect(inventory.vars('h2')).toEqual({ v: 1 });
    expect(inventory.vars('h9')).toEqual({ name: 'h9' });
  });

  it('may be TypeScript', () => {
    const folder = folderWith({ 'group_vars/web.yml': 'v: 1\n' });
    const groups = defineInventory({
      web: { hosts: { 'web[01:02]': { x: { a: [1] } } }, children: { eu: { hosts: ['h3'] } }, vars: { w: true } },
    });
    const inventory = loadInventory({ sources: [{ file: join(folder, 'hosts.ts'), groups }] });
    expect(inventory.vars('web02')).toEqual({ v: 1, w: true, x: { a: [1] } });
    expect(inventory.vars('h3')).toEqual({ v: 1, w: true });
  });

  it('always hold localhost for those who name it', () => {
    const inventory = load({ 'hosts': 'h1\n', 'group_vars/all.yml': 'a: 1\n' });
    expect(names(inventory)).toEqual(['h1']);
    expect(matchHosts(inventory, 'localhost')).toEqual(['localhost']);
    expect(inventory.vars('localhost')).toEqual({ a: 1, ansible_connection: 'local' });
  });

  it('share values between hosts of a group, frozen', () => {
    const inventory = load({ 'hosts': '[web]\nh[1:2]\n', 'group_vars/web.yml': 'a: {b: [1]}\n' });
    expect(inventory.vars('h1')).toBe(inventory.vars('h2'));
    expect(() => (inventory.vars('h1')['a'] as { b: number[] }).b.push(2)).toThrow(TypeError);
  });
});

describe('Jinja and secrets', () => {
  it('a Jinja value is listed as text, and an error with its place when used', () => {
    const inventory = load({
      'hosts': 'h1\n',
      'group_vars/all.yml':
        'a: 1\nurl: "http://{{ a | vaulted }}/"\ndeep: {x: ["{% if a %}"]}\nfine: !unsafe "{{ x }}"\n',
    });
    expect(inventoryHost(inventory, 'h1')).toEqual({
      a: 1,
      url: 'http://{{ a | vaulted }}/',
      deep: { x: ['{% if a %}'] },
      fine: '{{ x }}',
    });
    expect(inventory.variable('h1', 'url')?.jinja).toBe(true);
    expect(inventory.variable('h1', 'deep')?.jinja).toBe(true);
    expect(inventory.variable('h1', 'fine')?.jinja).toBe(false);
    const { url } = inventory.vars('h1');
    expect(url).toBeInstanceOf(Unreadable);
    expect(() => `in a ${url as string}`).toThrow(
      expect.objectContaining({
        message:
          'This value is a Jinja expression that play does not evaluate: http://{{ a | vaulted }}/: play has no filter "vaulted"',
        where: expect.objectContaining({ line: 2, column: 6 }) as object,
      }) as Error,
    );
  });

  it('what names another variable is looked up as the host sees it', () => {
    const inventory = load({
      'hosts': '[web]\nh1.lan port=8080\nh2.lan port=81\n',
      'group_vars/all.yml': [
        'port: 80',
        'users: [{name: ann, keys: {ssh-rsa: abc}}]',
        'port_again: "{{ port }}"',
        'address: "{{inventory_hostname_short}}:{{ port_again }}"',
        "first: \"{{ users[0].name }} {{ users[0]['keys']['ssh-rsa'] }}\"",
        'all_users: "{{ users }}"',
        'nested: {list: ["{{ group_names[0] }}"]}',
        'filtered: "{{ port | vaulted }}"',
        'through: "x{{ filtered }}"',
        'gone: "{{ prot }}"',
        'key: "{{ users.name }}"',
        'a: "{{ b }}"',
        'b: "{{ a }}"',
        'flag: true',
        'said: "it is {{ flag }}"',
      ].join('\n'),
    });
    expect(inventory.vars('h1.lan')).toMatchObject({
      port_again: 8080,
      address: 'h1:8080',
      first: 'ann abc',
      all_users: [{ name: 'ann', keys: { 'ssh-rsa': 'abc' } }],
      nested: { list: ['web'] },
    });
    expect(inventory.vars('h2.lan')['address']).toBe('h2:81');
    expect(inventoryHost(inventory, 'h1.lan')['address']).toBe('{{inventory_hostname_short}}:{{ port_again }}');
    expect(explainVariable(inventory, 'h2.lan', 'address')).toMatchObject({
      value: 'h2:81',
      definitions: [{ jinja: true }],
    });
    const whyNot = (name: string): string => (inventory.vars('h1.lan')[name] as Unreadable).problem().message;
    expect(whyNot('filtered')).toMatch(/\{\{ port \| vaulted \}\}: play has no filter "vaulted"$/);
    expect(whyNot('through')).toBe(whyNot('filtered'));
    expect(whyNot('gone')).toMatch(/no "prot"$/);
    expect(whyNot('key')).toMatch(/the list has no "name"$/);
    expect(whyNot('a')).toMatch(/refers to itself$/);
    expect(inventory.vars('h1.lan')['said']).toBe('it is True');
  });

  // As ansible-core 2.14 prints them.
  it.each<[string, unknown]>([
    ['|\n  {{ name }}', 'bob\n'],
    ['|\n  {{ num }}', 5],
    ['|\n  {{ flag }}', true],
    ['|\n  {{ nothing }}', null],
    ['|\n  {{ list }}', [1, 2]],
    ['|\n  {{ deep }}', { k: 'v\n', n: 7 }],
    ['|\n  {{ nl }}', 'x\n'],
    ['|\n  {{ deep.k }}', 'v\n'],
    ['|\n  {{ deep.n }}', '7\n'],
    ['|\n  {{ name }}\n  {{ num }}', 'bob\n5\n'],
    ['|+\n  {{ name }}\n', 'bob\n\n'],
    ['|-\n  {{ name }}', 'bob'],
    ['>\n  {{ name }}', 'bob\n'],
    ['"{{ num }}\\n"', 5],
    ['" {{ num }}"', ' 5'],
    ['|\n  a {{ nl }}', 'a x\n'],
  ])('line ends behind a name are as Ansible has them: %j', (written, value) => {
    const inventory = load({
      'hosts': 'h1\n',
      'group_vars/all.yml': `name: bob\nnum: 5\nflag: true\nnothing: null\nlist: [1, 2]\nnl: "x\\n"\ndeep: {k: "v\\n", n: 7}\nit: ${written}\n`,
    });
    expect(inventory.vars('h1')['it']).toEqual(value);
  });

  const fixture = (name: string): string =>
    readFileSync(join(import.meta.dirname, '../secrets/fixtures', name), 'utf8');
  const passwords = new Vault([vaultPasswordText('geheim'), vaultPasswordText('prodpw', 'prod')]);

  it('a vault file gives secrets, all the way down', () => {
    const inventory = load(
      { 'hosts': 'h1\n', 'group_vars/all/vault.yml': fixture('vault-1.1.yml') },
      { vault: passwords },
    );
    const { db_password: password, port, flag, users } = inventory.vars('h1');
    expect([password, port, flag]).toEqual([expect.any(Secret), expect.any(Secret), true]);
    expect((password as Secret).expose()).toBe('s3cret!pass');
    expect((port as Secret).expose()).toBe('5432');
    expect(((users as { key: Secret }[])[0] as { key: Secret }).key.expose()).toBe('k e y');
    expect(JSON.stringify(inventoryList(inventory))).not.toContain('s3cret');
  });

  it('what names a secret is one', () => {
    const inventory = load(
      {
        'hosts': 'h1\n',
        'group_vars/all/vault.yml': fixture('vault-1.1.yml'),
        'group_vars/all/main.yml': 'password: "{{ db_password }}"\nurl: "pg://me:{{ password }}@db"\n',
      },
      { vault: passwords },
    );
    expect(inventory.vars('h1')).toMatchObject({
      password: expect.any(Secret) as Secret,
      url: expect.any(Secret) as Secret,
    });
    expect((inventory.vars('h1')['url'] as Secret).expose()).toBe('pg://me:s3cret!pass@db');
    const locked = load({
      'hosts': 'h1\n',
      'group_vars/all/vault.yml': fixture('vault-1.1.yml'),
      'group_vars/all/main.yml': 'password: "{{ db_password }}"\n',
    });
    expect(locked.vars('h1')['password']).toBeInstanceOf(Unreadable);
  });

  it('!vault values are secrets opened when used', () => {
    const inventory = load({ 'hosts': 'h1\n', 'host_vars/h1.yml': fixture('inline.yml') }, { vault: passwords });
    const { inline, other, nested } = inventory.vars('h1');
    expect((inline as Secret).expose()).toBe('inline s3cret é');
    expect(other).toBe('plain');
    expect((nested as { list: Secret[] }).list.map((each) => each.expose())).toEqual(['second']);
  });

  it('without a password only their use is an error, naming the option', () => {
    const inline = load({ 'hosts': 'h1\n', 'host_vars/h1.yml': fixture('inline.yml') }).vars('h1');
    expect(inline['other']).toBe('plain');
    expect(() => (inline['inline'] as Secret).expose()).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('--vault-id prod@FILE') as string }) as Error,
    );

    const whole = load({
      'hosts': 'h1 mine=1\n',
      'group_vars/all/vars.yml': 'v: 1\n',
      'group_vars/all/vault.yml': fixture('vault-1.1.yml'),
    });
    expect(names(whole)).toEqual(['h1']);
    expect(whole.vars('h1')['mine']).toBe(1);
    // The vault file comes after vars.yml and may override it: nobody knows.
    expect(() => `in a ${whole.vars('h1')['v'] as string}`).toThrow('no vault password was given');
    expect(whole.lockedFiles('h1').map(({ file }) => file.replace(/.*group_vars/, ''))).toEqual(['/all/vault.yml']);
    expect(() => explainVariable(whole, 'h1', 'db_password')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('--vault-password-file') as string }) as Error,
    );
  });
});

describe('-e', () => {
  it.each([
    ['a=1 b=2', { a: '1', b: '2' }],
    ['a="x y" b=\'z\'', { a: 'x y', b: 'z' }],
    ['a=b=c', { a: 'b=c' }],
    ['a="tab\\tx"', { a: 'tab\tx' }],
    ['a=', { a: '' }],
    ['{"a": [1, true], "b": {"c": null}}', { a: [1, true], b: { c: null } }],
    ['{a: 1, b: x}', { a: 1, b: 'x' }],
  ])('%s', (given, expected) => {
    expect(loadInventory({ sources: ['h,'], extraVars: [given] }).vars('h')).toEqual(expected);
  });

  it('@FILE, later ones winning', () => {
    const folder = folderWith({ 'x.yml': 'a: 1\nb: 2\n' });
    expect(loadInventory({ sources: ['h,'], extraVars: [`@${folder}/x.yml`, 'b=3'] }).vars('h')).toEqual({
      a: 1,
      b: '3',
    });
  });

  it.each([
    ['novalue', '"novalue" is not name=value'],
    ['a="open', 'a quotation is not closed'],
    ['./x.yml', 'looks like a file'],
    ['[1]', 'is a list'],
    ['@/nowhere.yml', 'cannot be read'],
  ])('mistakes: %s', (given, what) => {
    expect(() => loadInventory({ sources: ['h,'], extraVars: [given] })).toThrow(what);
  });
});

describe('listings', () => {
  const inventory = load({ hosts: 'solo\n[web]\nb x=1\na\n[eu:children]\nweb\n' });
  it('--list', () => {
    expect(inventoryList(inventory)).toEqual({
      _meta: { hostvars: { b: { x: 1 } } },
      all: { children: ['ungrouped', 'eu'] },
      eu: { children: ['web'] },
      ungrouped: { hosts: ['solo'] },
      web: { hosts: ['b', 'a'] },
    });
  });
  it('--graph', () => {
    expect(inventoryGraph(inventory, 'eu')).toBe('@eu:\n  |--@web:\n  |  |--b\n  |  |--a');
    expect(() => inventoryGraph(inventory, 'ue')).toThrow('Unknown group "ue"');
  });
});

describe('patterns', () => {
  const inventory = load({ hosts: '[web]\nweb[1:3]\n[db]\ndb1\n[eu:children]\ndb\n' });
  it.each([
    ['all', 'web1 web2 web3 db1'],
    ['*', 'web1 web2 web3 db1'],
    ['eu:web2', 'db1 web2'],
    ['web:!web2', 'web1 web3'],
    ['web,db:&eu', ''],
    ['!web', 'db1'],
    ['web[0]', 'web1'],
    ['web[-1]', 'web3'],
    ['web[1:]', 'web2 web3'],
    ['~web[12]', 'web1 web2'],
    ['w*3', 'web3'],
    ['web?,db1', 'web1 web2 web3 db1'],
  ])('%s', (pattern, expected) => {
    const run = (): string => matchHosts(inventory, pattern).join(' ');
    if (pattern === 'web,db:&eu') expect(run).toThrow('Unknown host or group "db:&eu"');
    else expect(run()).toBe(expected);
  });

  it('@FILE and -l', () => {
    const folder = folderWith({ retry: 'web1\n\ndb1\n' });
    expect(matchHosts(inventory, 'all', { limit: `@${folder}/retry` })).toEqual(['web1', 'db1']);
    expect(matchHosts(inventory, 'web', { limit: 'web2,db1' })).toEqual(['web2']);
    expect(() => matchHosts(inventory, 'all', { limit: '@/nowhere' })).toThrow('cannot be read');
  });

  it.each([
    ['wbe', 'Unknown host or group "wbe"', 'Did you mean "web"'],
    ['all:!web4', 'Unknown host or group "web4"', '"web1"'],
    ['web[9]', 'asks for a host that is not there', '3 hosts'],
    ['~(', 'is not a regular expression', 'Quote'],
  ])('mistakes: %s', (pattern, what, hint) => {
    expect(() => matchHosts(inventory, pattern)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(what) as string,
        hint: expect.stringContaining(hint) as string,
      }) as Error,
    );
  });

  it('a glob that finds nothing is a warning', () => {
    const warnings: InventoryWarning[] = [];
    expect(matchHosts(inventory, 'web1,nix*', { onWarning: (warning) => warnings.push(warning) })).toEqual(['web1']);
    expect(warnings.map(({ what }) => what)).toEqual(['The pattern "nix*" matches no host']);
  });
});

describe('what is worth a look is told', () => {
  it.each([
    ['a group file nobody reads', { 'hosts': '[web]\nh\n', 'group_vars/wbe.yml': 'a: 1\n' }, 'There is no group "wbe"'],
    [
      'a file hidden by another',
      { 'hosts': '[web]\nh\n', 'group_vars/web/a.yml': 'a: 1\n', 'group_vars/web.yml': 'a: 2\n' },
      'group_vars/web.yml is not read because group_vars/web is there',
    ],
    ['a host named as a group', { hosts: '[web]\nweb\n' }, 'both a host and a group'],
  ] as const)('%s', (_, files, what) => {
    const warnings: InventoryWarning[] = [];
    const inventory = load(files, { onWarning: (warning) => warnings.push(warning) });
    inventory.check();
    expect(warnings.map((warning) => warning.what)).toEqual([expect.stringContaining(what)]);
    expect(warnings.every(({ where }) => where !== undefined && locationText(where) !== '')).toBe(true);
  });
});

it('variables beside a playbook serve other inventories too: their groups are missing there by right', () => {
  const playbookDir = temporaryFolder('playbooks');
  mkdirSync(join(playbookDir, 'group_vars'));
  writeFileSync(join(playbookDir, 'group_vars', 'web.yml'), 'a: 1\n');
  writeFileSync(join(playbookDir, 'hosts'), 'h\n');
  const told = (source: string): string[] => {
    const warnings: InventoryWarning[] = [];
    loadInventory({ sources: [source], playbookDir, onWarning: (warning) => warnings.push(warning) });
    return warnings.map(({ what }) => what);
  };
  expect(told('h1,h2')).toEqual([]);
  expect(told(join(playbookDir, 'hosts'))).toEqual(['There is no group "web", so this is never read']);
});

describe('10,000 hosts', () => {
  it('share what they have in common', () => {
    const inventory = load({
      'hosts': `[web]\n${Array.from({ length: 10_000 }, (_, i) => `web${i}.example.org ansible_host=10.0.0.${i % 250}`).join('\n')}\n[eu:children]\nweb\n`,
      'group_vars/eu.yml': 'shared: {big: [1]}\n',
    });
    expect(matchHosts(inventory, 'eu:!web1.example.org')).toHaveLength(9_999);
    expect(inventory.vars('web1.example.org')['shared']).toBe(inventory.vars('web9999.example.org')['shared']);
  });
});
