import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadInventory, type Inventory, type Value } from '../../src/inventory/index.ts';
import { Secret, Unreadable, Vault, vaultPasswordText } from '../../src/secrets/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const vault = new Vault([vaultPasswordText('geheim')]);
const encrypted = readFileSync(join(import.meta.dirname, '../secrets/fixtures/vault-1.1.yml'), 'utf8');

function load(files: Readonly<Record<string, string>>): { readonly inventory: Inventory; readonly folder: string } {
  const folder = temporaryFolder('jinja');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { inventory: loadInventory({ sources: [join(folder, 'hosts')], playbookDir: folder, vault }), folder };
}

const hosts = '[web]\nweb1.lan ip=10.0.0.1\nweb2.lan ip=10.0.0.2\n[db]\ndb1.lan ip=10.0.0.9 ansible_host=9.9.9.9\n';

/** The variables of web1.lan, each given as its text. */
function variables(texts: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}) {
  const lines = Object.entries(texts).map(([name, text]) => `${name}: ${JSON.stringify(text)}\n`);
  const { inventory, folder } = load({ hosts, 'group_vars/all/main.yml': lines.join(''), ...files });
  return { vars: inventory.vars('web1.lan'), folder, inventory };
}

function problem(value: Value | undefined): string {
  if (!(value instanceof Unreadable)) throw new Error(`there is a value: ${JSON.stringify(value)}`);
  const { message, hint = '' } = value.problem();
  return `${message} | ${hint}`;
}

test('`-e` holds expressions, too: each host has its own of them', () => {
  const { folder } = load({ hosts });
  const inventory = loadInventory({
    sources: [join(folder, 'hosts')],
    extraVars: ['{"url": "http://{{ ip }}/", "plain": 1}'],
  });
  expect(inventory.extraVars('web1.lan')).toEqual({ url: 'http://10.0.0.1/', plain: 1 });
  expect(inventory.extraVars('web2.lan')).toEqual({ url: 'http://10.0.0.2/', plain: 1 });
});

test('who only looks runs no command, and what hangs on one is not known, but no mistake', () => {
  const { folder } = load({ hosts });
  const made = join(folder, 'made');
  const vars = [JSON.stringify({ piped: `{{ lookup('pipe', 'touch ${made}; echo x') }}`, on: '{{ piped | upper }}' })];
  const read = (runsLookups: boolean): Inventory =>
    loadInventory({ sources: [join(folder, 'hosts')], extraVars: vars, runsLookups });
  const looked = read(false).variable('web1.lan', 'on');
  expect(problem(looked?.value)).toMatch(/^This value is made by a command/);
  expect(looked?.jinja).toBe(false);
  expect(existsSync(made)).toBe(false);
  expect(read(true).vars('web1.lan')['on']).toBe('X');
  expect(existsSync(made)).toBe(true);
});

describe('An expression in a variable sees the inventory', () => {
  test('other hosts, groups, and where things lie', () => {
    const { vars, folder } = variables({
      members: "{{ groups['web'] | join(',') }}",
      everyone: '{{ groups.all | length }}',
      ips: "{{ groups['web'] | map('extract', hostvars, 'ip') | list }}",
      db: "{{ hostvars[groups['db'][0]].ip }}",
      reached: "{{ hostvars['db1.lan'].ansible_host }}",
      other: "{{ hostvars['web2.lan']['ansible_host'] | default('-') }}",
      itself: '{{ ansible_host }}',
      port: '{{ ansible_port | default(22) }}',
      where: '{{ inventory_file }} {{ inventory_dir }} {{ playbook_dir }}',
      first: '{{ inventory_hostname_short }} {{ group_names }}',
      through: "{{ hostvars['web2.lan'].first }}",
      peers: '{% for h in groups.web if h != inventory_hostname %}{{ h }}={{ hostvars[h].ip }} {% endfor %}',
    });
    expect(vars).toMatchObject({
      members: 'web1.lan,web2.lan',
      everyone: '3',
      ips: ['10.0.0.1', '10.0.0.2'],
      db: '10.0.0.9',
      reached: '9.9.9.9',
      other: '-',
      itself: 'web1.lan',
      port: '22',
      where: `${join(folder, 'hosts')} ${folder} ${folder}`,
      first: "web1 ['web']",
      through: "web2 ['web']",
      peers: 'web2.lan=10.0.0.2 ',
    });
  });

  test('a number keeps its kind through one name, and is text through two, as in Ansible', () => {
    const { vars } = variables(
      { again: '{{ n }}', twice: '{{ again }}', flag: '{{ n > 3 }}' },
      { 'group_vars/web.yml': 'n: 5\n' },
    );
    expect(vars).toMatchObject({ again: 5, twice: '5', flag: true });
  });

  test('a circle is told, over hosts too', () => {
    const { vars } = variables({ a: "{{ hostvars['web2.lan'].b }}", b: "{{ hostvars['web1.lan'].a }}" });
    expect(problem(vars['a'])).toContain('refers to itself');
  });
});

describe('What cannot be told is told', () => {
  test.each([
    ['{{ ansible_facts.os }}', '"ansible_facts" is known only in a run'],
    ["{{ ansible_distribution | default('x') }}", '"ansible_distribution" is known only in a run'],
    ["{{ hostvars['web2.lan'].ansible_eth0 | default('x') }}", '"ansible_eth0" is known only in a run'],
    ["{{ lookup('hashi_vault', 'x') }}", 'play has no lookup "hashi_vault"'],
    ['{{ 10 | random }}', 'another value at each run'],
    ['{{ missing }}', 'the inventory gives this host no "missing"'],
    ['{{ itt }}', 'Did you mean "it"?'],
    ["{{ it.x | default('y') }}", 'refers to itself'],
    ['{{ groups.nope }}', 'the mapping has no "nope"'],
    ["{{ 'a' + 1 }}", '"+" of str and int is not possible'],
    ['{{ a b }}', 'expected the end of the tag, found "b" (column 6 of the value)'],
    ['{% if a %}x', '"if" is not closed'],
  ])('%s', (text, said) => {
    expect(problem(variables({ it: text }).vars['it'])).toContain(said);
  });

  test('what reads such a value is told why', () => {
    const { vars } = variables({
      a: '{{ ansible_eth0 }}',
      b: "x{{ a | default('y') }}",
      c: '{{ nowhere }}',
      d: "{{ c | default('z') }}",
    });
    expect(problem(vars['b'])).toContain('"ansible_eth0" is known only in a run');
    expect(vars['d']).toBe('z');
  });
});

describe('Secrets stay secret', () => {
  const secrets = { 'group_vars/all/vault.yml': encrypted };

  test.each([
    ["{{ db_password | default('x') }}", 's3cret!pass'],
    ['{{ db_password | upper }}', 'S3CRET!PASS'],
    ['{{ db_password[:3] }}', 's3c'],
    ['pg://{{ db_password | urlencode }}@db', 'pg://s3cret%21pass@db'],
    ["{{ 'a' ~ db_password }}", 'as3cret!pass'],
    ["{{ db_password.split('!')[0] }}", 's3cret'],
    ["{{ [db_password, 'b'] | join('-') }}", 's3cret!pass-b'],
    ["{{ {'p': db_password} | to_json }}", '{"p": "s3cret!pass"}'],
    ["{{ db_password if db_password is defined else '' }}", 's3cret!pass'],
    ['{% for c in [db_password] %}<{{ c }}>{% endfor %}', '<s3cret!pass>'],
  ])('%s', (text, plain) => {
    const value = variables({ it: text }, secrets).vars['it'];
    expect(value).toBeInstanceOf(Secret);
    expect((value as Secret).expose()).toBe(plain);
  });

  test('beside one that is, what is none stays plain', () => {
    const { vars } = variables({ it: "{{ [{'p': db_password, 'n': 'name'}] }}" }, secrets);
    expect(vars['it']).toEqual([{ p: expect.any(Secret) as Secret, n: 'name' }]);
  });

  test('a text of a vault shows nothing of itself when it cannot be evaluated', () => {
    const { vars } = variables({ it: '{{ db_password | nosuch }}', long: '{{ db_password + 1 }}' }, secrets);
    expect(problem(vars['it']) + problem(vars['long'])).not.toContain('s3cret');
  });
});

describe('Lookups', () => {
  test('env, file, pipe, vars and template', () => {
    process.env['PLAY_TEST_LOOKUP'] = 'from the environment';
    const { vars } = variables(
      {
        env: "{{ lookup('env', 'PLAY_TEST_LOOKUP') }}",
        none: "{{ lookup('env', 'PLAY_TEST_NONE') | default('fallback', true) }}",
        file: "{{ lookup('file', 'key.pub') }}",
        full: "{{ lookup('ansible.builtin.file', playbook_dir ~ '/files/key.pub') }}",
        pipe: "{{ lookup('pipe', 'echo one; echo two') }}",
        lines: "{{ query('lines', 'echo one; echo two') }}",
        named: "{{ lookup('vars', 'pi' ~ 'pe') | length }}",
        template: "{{ lookup('template', 'list.j2') }}",
        found: "{{ lookup('first_found', ['nope', 'key.pub']) | basename }}",
        gone: "{{ lookup('file', 'nowhere') }}",
        lenient: "{{ lookup('file', 'nowhere', errors='ignore') | default('none', true) }}",
      },
      { 'files/key.pub': 'ssh-rsa AAA\n', 'templates/list.j2': '{% set x = [\'a\'] %}\n{{ x + ["b\\tc"] }}\n' },
    );
    expect(vars).toMatchObject({
      env: 'from the environment',
      none: 'fallback',
      file: 'ssh-rsa AAA',
      full: 'ssh-rsa AAA',
      pipe: 'one\ntwo',
      lines: ['one', 'two'],
      named: '7',
      template: ['a', 'b\tc'],
      found: 'key.pub',
      lenient: 'none',
    });
    expect(problem(vars['gone'])).toContain('there is no file nowhere');
  });

  test('a command runs when its variable is read, and once for a host', () => {
    const { vars, folder } = variables({ it: "{{ lookup('pipe', 'echo x >> ran; wc -l < ran') }}", other: 'y' });
    expect(vars['other']).toBe('y');
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    expect([vars['it'], vars['it']]).toEqual(['1', '1']);
  });

  test('a password is made once, for us alone to read, and is secret', () => {
    const { vars, folder } = variables({
      it: "{{ lookup('password', 'credentials/db length=12 chars=digits') }}",
      again: "{{ lookup('password', 'credentials/db') }}",
    });
    expect(vars['it']).toBeInstanceOf(Secret);
    expect(existsSync(join(folder, 'credentials/db'))).toBe(false);
    expect((vars['it'] as Secret).expose()).toMatch(/^\d{12}$/);
    expect((vars['again'] as Secret).expose()).toBe((vars['it'] as Secret).expose());
    expect(statSync(join(folder, 'credentials/db')).mode & 0o777).toBe(0o600);
  });
});
