import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlayError, locationText } from '../../src/errors/index.ts';
import { loadInventory, matchHosts } from '../../src/inventory/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('mistakes');

interface Said {
  readonly what: string;
  readonly where: string;
  readonly hint: string;
  readonly detail: string;
}

/** What is said of a file, with its folder cut off. */
function complaint(name: string, text: string): Said {
  writeFileSync(join(folder, name), text);
  try {
    loadInventory({ sources: [join(folder, name)], yaml: 'strict' }).check();
  } catch (error) {
    if (!(error instanceof PlayError)) throw error;
    return {
      what: error.message,
      where: locationText(error.where ?? '').replace(`${folder}/${name}`, ''),
      hint: error.hint ?? '',
      detail: error.detail ?? '',
    };
  }
  throw new Error('nothing was thrown');
}

describe('INI inventories', () => {
  it.each([
    ['h1\n[we b]\nh2\n', 'Not a section: [we b]', ':2:1', 'without spaces'],
    ['[web:host]\n', 'Section [web:host] is of an unknown kind', ':1:1', '[group:vars]'],
    ['[web]\nh1 ansible_host\n', 'Expected name=value, got: ansible_host', ':2:4', 'quote values'],
    ['h1 a="x\n', 'This host line has an open quotation', ':1:1', 'Close the quotation'],
    ['[web:vars]\nport 80\n[web]\n', 'Expected name=value, got: port 80', ':2:1', '[web:vars]'],
    ['[wbe:vars]\na=1\n[web]\nh\n', 'Group wbe has no section of its own', ':1:1', 'Did you mean "web"?'],
    ['[eu:children]\nb\n[b:vars]\na=1\n', 'Group b has no section of its own', ':2:1', 'add it, empty'],
    ['[eu:children]\n  wbe\n[web]\nh\n', 'Group wbe has no section of its own', ':2:3', 'Did you mean "web"?'],
    [
      '[a:children]\nb\n[b:children]\na\n',
      'Group a cannot be a child of b: they would contain each other',
      ':4:1',
      'Already given: a > b',
    ],
    ['[a:children]\na\n', 'they would contain each other', ':2:1', 'holds itself already'],
    ['web[3:]\n', 'Bad host range in "web[3:]": it has no end', ':1:1', 'web[01:10]'],
    ['web[01:5]\n', 'equally many digits', ':1:1', 'web[01:10]'],
    ['web[c:a]\n', 'it begins after its end', ':1:1', ''],
    ['web[x-z]\n', 'it must be begin:end', ':1:1', ''],
    ['web[9:1]\n', 'it begins after its end', ':1:1', ''],
    ['web[1:99999999999]\n', 'stands for more than 100000 hosts', ':1:1', 'digits'],
    ['web[1:99999999999999999999999]\n', 'stands for more than 100000 hosts', ':1:1', 'digits'],
    ['web[0:9999][0:9999]\n', 'stands for more than 100000 hosts', ':1:1', 'digits'],
    ['../../x\n', '"../../x" cannot be the name of a host', ':1:1', 'holds "/"'],
    ['..\n', '".." cannot be the name of a host', ':1:1', 'another name'],
    ['web1 x=1\n-oProxyCommand=id\n', '"-oProxyCommand=id" cannot be the name of a host', ':2:1', 'begins with, "-"'],
    ['web\\\\x\n', 'cannot be the name of a host', ':1:1', 'holds'],
    ['[web]\n---\n', 'This looks like YAML', ':2:1', 'NAME.yml'],
    ['h a=1.0\n', 'The number 1.0 is printed as 1 here and differently by Ansible', ':1:3', '\'"1.0"\''],
    ['[all:vars]\nx = 1e3\n', 'The number 1e3 is printed as 1000 here', ':2:1', 'Write 1000'],
    ['[a]\nh\n[a:vars]\nansible_group_priority=high\n', 'ansible_group_priority must be a whole number', ':4:1', ''],
  ])('%j', (text, what, where, hint) => {
    const said = complaint('hosts.ini', text);
    expect(said.what).toContain(what);
    expect(said.where).toBe(where);
    expect(said.hint).toContain(hint);
  });

  it('show the line', () => {
    expect(complaint('hosts.ini', '[web]\nh1\th2=1 oops\n').detail).toBe('1 | [web]\n2 | h1 h2=1 oops\n  |         ^');
  });
});

describe('YAML that does not mean here what it means to Ansible', () => {
  it.each([
    [
      'mode: 0644',
      'Unquoted 0644 is ambiguous: Ansible reads it as octal, 420, YAML 1.2 as the number 644',
      ':1:7',
      'Write "0644" in quotes',
    ],
    ['mode: 0o644', 'Unquoted 0o644 is ambiguous', ':1:7', '"0644"'],
    ['n: 089', 'Ansible reads it as text', ':1:4', '"089"'],
    [
      'a: 1\nflag: yes',
      'Unquoted yes is ambiguous: Ansible reads it as true, YAML 1.2 as the text "yes"',
      ':2:7',
      'Write true, or "yes" in quotes',
    ],
    ['flag: Off', 'Unquoted Off is ambiguous', ':1:7', 'Write false'],
    ['list: [on, "off"]', 'Unquoted on is ambiguous', ':1:8', 'Write true'],
    ['on: 1', 'Unquoted on is ambiguous', ':1:1', '"on"'],
    ['time: 12:30', 'Ansible reads it as the number 750 (base 60)', ':1:7', '"12:30"'],
    ['n: 1_000', 'Ansible reads it as a number', ':1:4', 'plain decimal'],
    ['version: 2.0', 'The number 2.0 is printed as 2 here and differently by Ansible', ':1:10', 'Write 2, or quote it'],
    ['n: 1e3', 'Ansible reads it as text', ':1:4', '"1e3"'],
    ['n: 12345678901234567890', 'too large', ':1:4', 'quotes'],
    ['a: 1\nb: 2\na: 3', 'The key "a" is here twice', ':3:1', 'line 1'],
    ['x: {a: 1, a: 2}', 'The key "a" is here twice', ':1:11', 'line 1'],
    ['a:\n\tb: 1', 'This is not valid YAML', ':2:1', 'replace the tab'],
    ['a: {{ x }}', 'A key must be a plain word', ':1:5', 'Jinja'],
    ['a: "open', 'This is not valid YAML', ':1:9', 'quotes'],
    ['a: b: c', 'This is not valid YAML', ':1:4', 'colon'],
    ['- a\n- b', 'A file of variables must be a mapping', ':1:1', 'NAME: VALUE'],
    ['a: !secret x', 'The tag !secret is not known', ':1:12', '!vault'],
    ['a: !!omap [{b: 1, c: 2}]', 'This is no !!omap', ':1:11', '!!omap [{a: 1}, {b: 2}]'],
    ['a: !!set [b]', 'This is no !!set', ':1:10', '!!set {a, b}'],
    ['a: !!binary /w==', 'This !!binary is not text', ':1:13', 'UTF-8'],
    ['a: !vault x', 'must begin with $ANSIBLE_VAULT', ':1:11', 'encrypt-string'],
    ['a: *nowhere', '', ':1:4', ''],
    ['a: &a [*a]', '*a is inside the node that it refers to', ':1:8', 'Write out'],
    [
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
        .split('')
        .map((name, i) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcdefg'.charAt(i)}`).join()}]\n`)
        .join('')}`,
      'The aliases of this file stand for more than 1000000 values',
      ':',
      'aliases',
    ],
    [
      `a: &a {k: 1}\n${'bcdefgh'
        .split('')
        .map(
          (name, i) =>
            `${name}: &${name}\n  <<: [${Array.from({ length: 10 }, () => `*${'abcdefg'.charAt(i)}`).join()}]\n`,
        )
        .join('')}`,
      'The aliases of this file stand for more than 1000000 values',
      ':',
      'aliases',
    ],
    ['a: 1\n---\nb: 2\n', 'a second document begins here', ':2:1', 'several documents'],
    ['b:\n  <<: 1', 'A merge key (<<) takes a mapping', ':2:3', '*anchor'],
  ])('%j', (text, what, where, hint) => {
    writeFileSync(join(folder, 'vars.yml'), text);
    const run = (): unknown => loadInventory({ sources: ['h,'], extraVars: [`@${folder}/vars.yml`], yaml: 'strict' });
    let said: PlayError | undefined;
    try {
      run();
    } catch (error) {
      if (error instanceof PlayError) said = error;
      else throw error;
    }
    expect(said?.message).toContain(what);
    expect(locationText(said?.where ?? '')).toContain(`vars.yml${where}`);
    expect(said?.hint).toContain(hint);
  });

  it.each([
    ['mode: "0644"', { mode: '0644' }],
    ['a: 0\nb: -1\nc: 0x1f\nd: 1.5\ne: .5', { a: 0, b: -1, c: 31, d: 1.5, e: 0.5 }],
    ['a: true\nb: False\nc: null\nd: ~\ne:', { a: true, b: false, c: null, d: null, e: null }],
    ['a: 2024-01-02\nb: 10.0.0.1\nc: 8080:80\nd: 1.2.3', { a: '2024-01-02', b: '10.0.0.1', c: '8080:80', d: '1.2.3' }],
    [
      'base: &b {x: 1, y: 2}\nmore:\n  <<: *b\n  y: 3\nboth:\n  <<: [*b, {z: 4, x: 9}]\ncopy: *b',
      { base: { x: 1, y: 2 }, more: { x: 1, y: 3 }, both: { x: 1, y: 2, z: 4 }, copy: { x: 1, y: 2 } },
    ],
    ['12: a\ntrue: b', { 12: 'a', true: 'b' }],
    ['# nothing\n', {}],
    ['"__proto__": {x: 1}\na: 1', { ['__proto__']: { x: 1 }, a: 1 }],
  ])('and YAML that does: %j', (text, expected) => {
    writeFileSync(join(folder, 'vars.yml'), text);
    expect(loadInventory({ sources: ['h,'], extraVars: [`@${folder}/vars.yml`], yaml: 'strict' }).vars('h')).toEqual(
      expected,
    );
  });
});

describe('YAML inventories', () => {
  it.each([
    ['web:\n  host:\n    h1:\n', 'Unknown key of a group "host"', ':2:3', 'Did you mean "hosts"?'],
    ['web:\n  hosts:\n    - h1\n', '"hosts" of group web must be a mapping', ':2:3', 'not as "- name"'],
    ['web: [h1]\n', 'Group web must be a mapping', ':1:1', 'hosts:'],
    ['- h1\n', 'A YAML inventory must be a mapping of groups', ':1:1', 'all:'],
    ['web:\n  hosts:\n    h1: 5\n', 'Host h1 must hold a mapping of its variables', ':3:5', 'NAME: VALUE'],
    ['a:\n  children:\n    b:\n      children:\n        a:\n', 'they would contain each other', ':', ''],
    ['web:\n  hosts:\n    h1:\n    h1:\n', 'The key "h1" is here twice', ':4:5', 'line 3'],
  ])('%j', (text, what, where, hint) => {
    const said = complaint('hosts.yml', text);
    expect(said.what).toContain(what);
    expect(said.where).toContain(where);
    expect(said.hint).toContain(hint);
  });

  it.each([['/nowhere/hosts', 'There is no such inventory', 'needs a comma']])('%s', (source, what, hint) => {
    expect(() => loadInventory({ sources: [source] })).toThrow(
      expect.objectContaining({ message: what, hint: expect.stringContaining(hint) as string }) as Error,
    );
  });
});

describe('typed inventories without their types', () => {
  it.each<[string, unknown, RegExp]>([
    ['hosts as text', { web: { hosts: 'web1' } }, /The hosts of group web are of a wrong kind/],
    ['hosts that are numbers', { web: { hosts: [5] } }, /The hosts of group web/],
    ['variables of a host that are none', { web: { hosts: { web1: 3 } } }, /The hosts of group web/],
    ['vars that are a number', { web: { vars: 5 } }, /The vars of group web/],
    ['children as a list', { web: { children: ['db'] } }, /The children of group web/],
    ['a group that is a list', { web: ['web1'] }, /Group web must be an object/],
    ['a name that leads elsewhere', { web: { hosts: ['../x'] } }, /cannot be the name of a host/],
  ])('%s', (_, groups, says) => {
    expect(() => loadInventory({ sources: [{ file: '/hosts.ts', groups: groups as never }] })).toThrow(says);
  });
});

describe('patterns', () => {
  const inventory = loadInventory({ sources: ['web1,web2'] });
  const empty = join(folder, 'no-hosts');
  writeFileSync(empty, '\n# none\n');
  it.each([
    ['', /The host pattern "" names no host/],
    [' ', /names no host/],
    [',', /names no host/],
    [':', /names no host/],
    [`@${empty}`, /names no host/],
    ['~web[', /has an unmatched bracket: \[/],
    ['web]', /has an unmatched bracket: \]/],
    ['web[', /has an unmatched bracket/],
    ['web[,db', /has an unmatched bracket/],
    ['~web(,', /is not a regular expression/],
    ['!', /empty after & or !/],
    ['web1:&', /empty after & or !/],
    ['web1[5]', /asks for a host that is not there/],
    [`@${folder}`, /cannot be read \(EISDIR\)/],
  ])('%j is an error, and not every host', (pattern, says) => {
    expect(() => matchHosts(inventory, pattern)).toThrow(says);
    expect(() => matchHosts(inventory, 'all', { limit: pattern })).toThrow(says);
  });
});

it('YAML that is nested too deep says so', () => {
  expect(() => loadInventory({ sources: ['h,'], extraVars: [`{a: ${'['.repeat(5000)}`] })).toThrow(/nested too deep/);
});

it('an inline value that is nested deeper than Python reads is text, as there', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  writeFileSync(join(folder, 'deep.ini'), `web1 x=${deep}\n`);
  expect(loadInventory({ sources: [join(folder, 'deep.ini')] }).vars('web1')['x'] === deep).toBe(true);
});
