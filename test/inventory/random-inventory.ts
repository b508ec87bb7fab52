import { Dice } from '../support/dice.ts';

/** Random inventories with everything people put into them, the same for the same seed. */
export interface RandomInventory {
  /** Paths below the folder, and their text. */
  readonly files: Readonly<Record<string, string>>;
  readonly sources: readonly string[];
  readonly playbookDir: string | undefined;
  readonly extra: readonly string[];
  /** A pattern and a limit. */
  readonly patterns: readonly (readonly [string, string | null])[];
}

/** What stands in an inventory, and a host it means. */
const hostNames: readonly (readonly [string, string])[] = [
  ['web[1:3]', 'web1'],
  ['web[01:04:2]', 'web03'],
  ['db[a:c]', 'dba'],
  ['db-x', 'db-x'],
  ['h1', 'h1'],
  ['h2.example.org', 'h2.example.org'],
  ['h3.example.org:2222', 'h3.example.org'],
  ['10.0.0.[1:3]', '10.0.0.2'],
  ['10.1.1.1:22', '10.1.1.1'],
  ['[2001:db8::1]:2200', '2001:db8::1'],
  ['fe80::1', 'fe80::1'],
  ['x[1:2]y[a:b]', 'x1ya'],
  ['n_1', 'n_1'],
  ['long-name.sub.example.org', 'long-name.sub.example.org'],
  ['é1', 'é1'],
  ['node[8:11]', 'node10'],
];
const groupNames = ['web', 'db', 'prod', 'stage', 'eu', 'us-east', 'g.1', 'monitoring', 'app', 'core'];
const variableNames = ['color', 'port', 'x', 'y_1', 'deep', 'Z'];

/** Right of `=` under [group:vars]. */
const iniValues = [
  '80',
  '0644',
  '"q s"',
  "'it'",
  'True',
  'true',
  'None',
  '[1, "a"]',
  "{'a': 1, 2: [3]}",
  '1.5',
  'a#b',
  '1_000',
  '0x1f',
  '-5',
  '80,443',
  '(1,2)',
  'yes',
  '"a" "b"',
  "b'x'",
  '5 # c',
  'x # c',
  '"q" # c',
  '',
  '10.0.0.1',
  '"open',
  "u'x'",
  'a=b',
  '{}',
  '[]',
  '()',
  '"\\t|\\x41|\\u00e9|\\q"',
  'foo bar',
  '1+2',
  '-x',
  '0o17',
  '00',
  '1__0',
  '.5',
  '+3',
  '- 3',
  '"é"',
  'r"\\n"',
  'é',
  '[1,2',
  '{"a":1}',
  '{"a": True, "b": None,}',
  '[[], {}, ()]',
  "'''t'''",
  '12345678901',
  'nan',
  '--1',
  '1 2',
  'True False',
  '"a",',
  'http://x/?a=b&c',
  '/path/*.conf',
  '{{ x',
  '$HOME',
  '0b101',
  'f"x"',
  '"a" \'b\'',
  '["a" "b"]',
  '{"a": -1.5}',
  '(5)',
  '[(1,)]',
  '~',
  '0.10',
  '1.0',
  '2.0 # c',
  '1e3',
  '12345678901234567890',
  '[1.0, 1e-7, 123456789012345678901]',
];
/** On a host's line: a shell word. */
const wordValues = [
  '80',
  '0644',
  '"q s"',
  "'it'",
  'True',
  '[1,2]',
  '"[1, 2]"',
  '1.5',
  'a"b c"d',
  'yes',
  '"\'80\'"',
  '\'"80"\'',
  "''",
  'a=b',
  '"{\'a\': 1}"',
  '-5',
  'x\\ y',
  '1_0',
  '\'["a"]\'',
  '80,443',
  'é',
  '"a\\"b"',
  "'a\\b'",
];
/** As YAML. */
const yamlValues = [
  'yes',
  'No',
  'ON',
  'off',
  'y',
  '0644',
  '089',
  '0o17',
  '-017',
  '22:30',
  '1:60',
  '-1:30:00.5',
  '1_000',
  '0x1_F',
  '0b11',
  '1.0',
  '-0.0',
  '7.10',
  '1e3',
  '1.5e+3',
  '1.0e-7',
  '.5',
  '1.',
  '.inf',
  '-.INF',
  '123456789012345678',
  '-98765432109876543210',
  '2024-01-02 03:04:05',
  '2024-1-2T3:04:05.25 +2:30',
  '2024-01-02T03:04:05Z',
  '2024-1-2',
  '!!float 3',
  '!!bool "yes"',
  '!!int "0777"',
  '!!str 0644',
  '! x',
  '! 012',
  'NULL',
  '[yes, 1.0, 0644, "yes"]',
  '{yes: no, 7.0: 2.0, 0644: x}',
  '{a: 1, a: 2}',
  '80',
  '"0644"',
  'text',
  '"q: s"',
  'true',
  'False',
  'null',
  '~',
  '[1, a]',
  '{a: 1, b: [x]}',
  '1.5',
  '-5',
  '0x1f',
  '"yes"',
  "'it''s'",
  '!unsafe "{{ x }}"',
  '""',
  '',
  '|\n                two\n                lines',
  '>-\n                folded\n                text',
  '10.0.0.1',
  '2024-01-02',
  'a#b',
  '"\\u00e9"',
  '.5',
  '[]',
  '{}',
  '0.10',
];

class Writer {
  readonly #dice: Dice;
  readonly hosts: string[];
  /** Hosts that are likely in it. */
  readonly names: string[];
  readonly groups: string[];

  constructor(dice: Dice) {
    this.#dice = dice;
    const chosen = dice.some(hostNames, 0.6);
    this.hosts = ['solo', ...chosen.map(([written]) => written)];
    this.names = ['solo', ...chosen.map(([, name]) => name)];
    this.groups = dice.some(groupNames, 0.5);
    if (this.groups.length === 0) this.groups.push('web');
  }

  /** Children come later in the list only, so that there is no circle. */
  childrenOf(index: number): string[] {
    return this.#dice.some(this.groups.slice(index + 1), 0.3);
  }

  ini(): string {
    const dice = this.#dice;
    const lines: string[] = dice.chance(0.3) ? ['# comment', '; another', ''] : [];
    const hostLine = (host: string): string =>
      [
        dice.chance(0.1) ? `  ${host}` : host, // A line that begins and ends with a bracket is a section to Ansible, whatever is between.
        ...dice.some(host.startsWith('[') ? [] : variableNames, 0.25).map((name) => `${name}=${dice.one(wordValues)}`),
        ...(dice.chance(0.1) ? ['# note'] : []),
      ].join(' ');
    for (const host of dice.some(this.hosts, 0.45)) lines.push(hostLine(host));
    for (const [i, group] of this.groups.entries()) {
      const parts: string[][] = [[`[${group}]`, ...dice.some(this.hosts, 0.45).map(hostLine)]];
      const children = this.childrenOf(i);
      if (children.length > 0) parts.push([`[${group}:children]`, ...children]);
      if (dice.chance(0.5)) parts.push([`[${group}:vars]${dice.chance(0.1) ? ' # c' : ''}`, ...this.#iniVars()]);
      if (dice.chance(0.3)) parts.reverse();
      for (const part of parts) lines.push(...part, '');
    }
    if (dice.chance(0.4)) lines.push('[all:vars]', ...this.#iniVars());
    return `${lines.join('\n')}\n`;
  }

  #iniVars(): string[] {
    const dice = this.#dice;
    const lines = dice.some(variableNames, 0.5).map((name) => `${name}${dice.one(['=', ' = '])}${dice.one(iniValues)}`);
    return dice.chance(0.15) ? [...lines, `ansible_group_priority=${dice.below(20)}`] : lines;
  }

  yaml(): string {
    const dice = this.#dice;
    const lines = ['---', 'all:'];
    if (dice.chance(0.5)) lines.push('  hosts:', ...this.#yamlHosts('    ', 0.3));
    if (dice.chance(0.4)) lines.push('  vars:', ...this.yamlVars('    '));
    lines.push('  children:');
    for (const [i, group] of this.groups.entries()) {
      lines.push(`    ${group}:`);
      if (dice.chance(0.7)) lines.push('      hosts:', ...this.#yamlHosts('        ', 0.45));
      if (dice.chance(0.4)) lines.push('      vars:', ...this.yamlVars('        '));
      const children = this.childrenOf(i);
      if (children.length > 0) lines.push('      children:', ...children.map((child) => `        ${child}:`));
    }
    return `${lines.join('\n')}\n`;
  }

  #yamlHosts(indent: string, share: number): string[] {
    const dice = this.#dice;
    return dice.some(this.hosts, share).flatMap((host) => {
      const variables = dice.chance(0.5) ? this.yamlVars(`${indent}  `) : [];
      return [`${indent}"${host}":`, ...variables];
    });
  }

  yamlVars(indent: string): string[] {
    const dice = this.#dice;
    return dice.some(variableNames, 0.4).map((name) => `${indent}${name}: ${dice.one(yamlValues)}`);
  }

  varsFile(): string {
    return `${this.yamlVars('').join('\n')}\n`;
  }
}

function varsFiles(dice: Dice, writer: Writer, folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  const add = (kind: string, name: string): void => {
    const forms = [`${name}.yml`, `${name}.yaml`, name, `${name}.json`, `${name}/a.yml`];
    const form = dice.one(forms);
    files[`${folder}${kind}/${form}`] = form.endsWith('.json') ? '{"color": "json", "port": 1}' : writer.varsFile();
    if (form.endsWith('/a.yml'))
      Object.assign(files, {
        [`${folder}${kind}/${name}/b.yml`]: writer.varsFile(),
        [`${folder}${kind}/${name}/sub/c`]: writer.varsFile(),
        [`${folder}${kind}/${name}/.hidden.yml`]: 'color: hidden',
        [`${folder}${kind}/${name}/old.yml~`]: 'color: old',
        [`${folder}${kind}/${name}/z.txt`]: 'color: txt',
      });
  };
  for (const group of [...dice.some(['all', 'ungrouped'], 0.4), ...dice.some(writer.groups, 0.3)])
    add('group_vars', group);
  for (const host of dice.some(writer.names, 0.2)) add('host_vars', host);
  return files;
}

function patternsFor(dice: Dice, writer: Writer): [string, string | null][] {
  const atoms = [
    ...writer.names,
    ...writer.groups,
    'all',
    'ungrouped',
    '*',
    'web*',
    '*.example.org',
    'h?',
    '[hw]*',
    '[!w]*',
    '10.0.0.*',
    '~web\\d+',
    '~(db|h)',
    '~^h.*org$',
    'all[0]',
    'all[-1]',
    'all[1:3]',
    'all[2:]',
    'all[0:0]',
    `${writer.groups[0] ?? 'all'}[0]`,
    `${writer.groups[0] ?? 'all'}[0:1]`,
    'nosuch',
    'a*',
    'un*',
    '*[0]',
    'localhost',
  ];
  const modified = (): string => dice.one(['', '', '', '&', '!']) + dice.one(atoms);
  const pattern = (): string =>
    Array.from({ length: 1 + dice.below(4) }, modified).join(dice.one([',', ':', ',', ', ']));
  return Array.from({ length: 12 }, () => [
    dice.chance(0.4) ? dice.one(atoms) : pattern(),
    dice.chance(0.2) ? pattern() : null,
  ]);
}

export function randomInventory(seed: number): RandomInventory {
  const dice = new Dice(seed);
  const first = new Writer(dice);
  const kind = dice.one(['ini', 'yaml', 'two', 'directory', 'bare'] as const);
  const files: Record<string, string> = {};
  const sources: string[] = [];
  const add = (path: string, text: string): void => {
    files[path] = text;
    sources.push(path);
  };
  if (kind === 'ini') add('hosts', first.ini());
  if (kind === 'bare') add('inventory.cfg', first.ini());
  if (kind === 'yaml') add(dice.one(['hosts.yml', 'hosts.yaml', 'hosts']), first.yaml());
  if (kind === 'two') {
    add('a/hosts', first.ini());
    add('b/hosts.yml', new Writer(dice).yaml());
    if (dice.chance(0.5)) sources.push('h1,extra1,h9:22,');
    Object.assign(files, varsFiles(dice, first, 'b/'));
  }
  if (kind === 'directory') {
    sources.push('inv');
    Object.assign(files, {
      'inv/01-hosts': first.ini(),
      'inv/02.yml': new Writer(dice).yaml(),
      'inv/notes.txt': 'ignored',
      'inv/.hidden': '[broken',
      'inv/sub/more': '[eu]\nsubhost\n',
    });
  }
  const home = kind === 'two' ? 'a/' : kind === 'directory' ? 'inv/' : '';
  Object.assign(files, varsFiles(dice, first, home));
  const playbookDir = dice.one(['', 'play', home === '' ? '.' : home]);
  if (playbookDir === 'play') Object.assign(files, { 'play/README': '' }, varsFiles(dice, first, 'play/'));
  const extra = dice.chance(0.3)
    ? [dice.one(['color=extra', '{"color": ["e"], "new": 1}', 'a="b c" d=\'e\' f=g=h', 'tab="x\\ty" empty='])]
    : [];
  return {
    files,
    sources,
    playbookDir: playbookDir === '' ? undefined : playbookDir,
    extra,
    patterns: patternsFor(dice, first),
  };
}
