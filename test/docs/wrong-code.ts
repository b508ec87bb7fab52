/** Code that must not compile, and what tsc says of it. */
export interface WrongCode {
  readonly what: string;
  readonly code: string;
  readonly says: RegExp;
}

/** @param task a task, with whatever statements it needs before it */
const inPlay = (task: string, before = ''): string => `import * as p from 'play';
${before}
export default p.definePlaybook({ hosts: 'all', tasks: () => [
  ${task},
] });
`;

const inRole = (vars: string, tasks: string): string => `import * as p from 'play';
export const web = p.defineRole(import.meta, { vars: { ${vars} }, tasks: ({ vars }) => [
  ${tasks},
] });
`;

const restart = `const restart = p.handler('restart nginx', () => p.systemd({ name: 'nginx', state: 'restarted' }));`;
const result = (use: string): string => `import * as p from 'play';
export default p.definePlaybook({ hosts: 'all', tasks: () => {
  const shown = p.command({ argv: ['id'], changes: 'never' });
  const found = p.stat({ path: '/etc/motd' });
  return [shown, found,
    ${use},
  ];
} });
`;
const whenResult = (condition: string): string =>
  result(`p.file({ path: '/x', state: 'absent' }, { when: ({ results }) => ${condition} })`);

const rows: readonly (readonly [what: string, code: string, says: RegExp])[] = [
  ['an unknown option', inPlay(`p.file({ path: '/x', stat: 'absent' })`), /'stat' does not exist/],
  ['an option of another resource', inPlay(`p.apt({ name: 'nginx', dest: '/x' })`), /'dest' does not exist/],
  [
    'a name as Ansible writes it',
    inPlay(`p.apt({ name: 'nginx', update_cache: true })`),
    /'update_cache' does not exist/,
  ],
  ['a text for a number', inPlay(`p.waitFor({ port: '80' })`), /'string' is not assignable to type/],
  [
    'a number for a mode',
    inPlay(`p.file({ path: '/x', state: 'directory', mode: 0o755 })`),
    /'number' is not assignable/,
  ],
  ['a word for true', inPlay(`p.copy({ dest: '/x', content: '', backup: 'yes' })`), /'string' is not assignable/],
  ['a state that is none', inPlay(`p.systemd({ name: 'x', state: 'running' })`), /"running"' is not assignable/],
  ['a list of numbers for packages', inPlay(`p.apt({ name: [1] })`), /'number' is not assignable/],
  ['nothing where something is needed', inPlay(`p.file({ state: 'absent' })`), /'path' is missing/],
  ['no options at all', inPlay(`p.user()`), /Expected 1-2 arguments/],
  ['an option that must not be undefined', inPlay(`p.file({ path: undefined, state: 'absent' })`), /undefined/],
  ['a promise for a text', inPlay(`p.copy({ dest: '/x', content: Promise.resolve('') })`), /Promise<string>/],
  ['an unknown keyword', inPlay(`p.apt({ name: 'x' }, { becom: true })`), /'becom' does not exist/],
  ['a keyword of Ansible', inPlay(`p.apt({ name: 'x' }, { register: 'r' })`), /'register' does not exist/],
  ['a loop', inPlay(`p.apt({ name: 'x' }, { loop: ['a'] })`), /'loop' does not exist/],
  ['a keyword of another type', inPlay(`p.apt({ name: 'x' }, { retries: '3' })`), /'string' is not assignable/],
  [
    'an expression of Jinja as a condition',
    inPlay(`p.apt({ name: 'x' }, { when: 'x is defined' })`),
    /'string' is not assignable/,
  ],
  [
    'a condition that is no judgement',
    inPlay(`p.apt({ name: 'x' }, { when: ({ facts }) => facts.kernel })`),
    /Deferrable<boolean>/,
  ],
  [
    'a fact that is none',
    inPlay(`p.apt({ name: 'x' }, { when: ({ facts }) => facts.memory > 1 })`),
    /'memory' does not exist/,
  ],
  [
    'a fact of another type',
    inPlay(`p.apt({ name: 'x' }, { when: ({ facts }) => facts.memoryMb === '1' })`),
    /no overlap/,
  ],
  ['a handler by its name', inPlay(`p.apt({ name: 'x' }, { notify: 'restart nginx' })`), /'string' is not assignable/],
  [
    'a handler that is misspelt',
    inPlay(`p.apt({ name: 'x' }, { notify: restrat })`, restart),
    /'restrat'. Did you mean 'restart'/,
  ],
  ['a handler that is a task', inPlay(`p.apt({ name: 'x' }, { notify: p.systemd({ name: 'x' }) })`), /not assignable/],
  [
    'a handler without its function',
    inPlay(`p.apt({ name: 'x' })`, `export const h = p.handler('h', p.systemd({ name: 'x' }));`),
    /not assignable/,
  ],
  [
    'a topic of names',
    inPlay(`p.apt({ name: 'x' })`, `export const t = p.topic('t', ['restart']);`),
    /'string' is not assignable/,
  ],
  [
    'a field that no result has',
    whenResult(`results(shown).stdOut === ''`),
    /'stdOut' does not exist.*Did you mean 'stdout'/,
  ],
  ['a field of another result', whenResult(`results(shown).exists`), /'exists' does not exist/],
  [
    'a field as Ansible calls it',
    whenResult(`results(shown).stdout_lines.length > 0`),
    /'stdout_lines' does not exist/,
  ],
  ['a result of what is no task', whenResult(`results('shown').changed`), /'string' is not assignable/],
  ['a field of another type', whenResult(`results(shown).changed === 'x'`), /no overlap/],
  ['a result before it is there', result(`p.copy({ dest: '/x', content: shown.stdout })`), /'stdout' does not exist/],
  [
    'a plain text of a result',
    result(`p.copy({ dest: '/x', content: ({ results }) => results(shown).changed })`),
    /not assignable/,
  ],
  [
    'a play without hosts',
    `import { definePlaybook } from 'play';\nexport default definePlaybook({ tasks: () => [] });\n`,
    /not assignable to parameter of type 'PlaySpec/,
  ],
  [
    'an unknown keyword of a play',
    `import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'all', gatherFacts: false, tasks: () => [] });\n`,
    /'gatherFacts' does not exist/,
  ],
  [
    'tasks that are a list',
    `import { definePlaybook } from 'play';\nexport default definePlaybook({ hosts: 'all', tasks: [] });\n`,
    /not assignable/,
  ],
  ['a task that is a text', inPlay(`'apt install nginx'`), /not assignable/],
  [
    'a role that is not called',
    `import { definePlaybook } from 'play';\nimport { nginx } from 'play/roles/nginx';\nexport default definePlaybook({ hosts: 'all', roles: [nginx] });\n`,
    /missing the following properties from type 'RoleUse'/,
  ],
  [
    'a variable that a role does not have',
    `import { definePlaybook } from 'play';\nimport { nginx } from 'play/roles/nginx';\nexport default definePlaybook({ hosts: 'all', roles: [nginx({ port: 1 })] });\n`,
    /'port' does not exist/,
  ],
  [
    'a variable of another type',
    `import { definePlaybook } from 'play';\nimport { nginx } from 'play/roles/nginx';\nexport default definePlaybook({ hosts: 'all', roles: [nginx({ nginx_settings: 1 })] });\n`,
    /'number' is not assignable/,
  ],
  [
    'a variable that is not declared',
    inRole(`port: p.option.port('Where.', 80)`, `p.waitFor({ port: vars.prot })`),
    /'prot' does not exist/,
  ],
  [
    'a declared variable as another type',
    inRole(`port: p.option.port('Where.', 80)`, `p.copy({ dest: '/x', content: vars.port })`),
    /'number' is not assignable/,
  ],
  [
    'a variable that may be absent',
    inRole(`name: p.v.optional(p.option.text('Who.'))`, `p.user({ name: vars.name })`),
    /undefined/,
  ],
  [
    'a default of another type',
    inRole(`port: p.option.port('Where.', '80')`, `p.waitFor({ port: vars.port })`),
    /'string' is not assignable|No overload/,
  ],
  [
    'a choice that is none',
    inRole(`mode: p.option.choice('Which.', ['a', 'b'], 'c')`, `p.copy({ dest: '/x', content: vars.mode })`),
    /'"c"' is not assignable|No overload/,
  ],
  [
    'a secret as a text',
    inRole(`token: p.option.secret('What.')`, `p.file({ path: vars.token, state: 'absent' })`),
    /'Secret' is not assignable/,
  ],
  [
    'an unknown setting',
    `import { defineConfig } from 'play';\nexport default defineConfig({ remote_user: 'x' });\n`,
    /'remote_user' does not exist/,
  ],
  [
    'a setting of another type',
    `import { defineConfig } from 'play';\nexport default defineConfig({ forks: '50' });\n`,
    /'string' is not assignable/,
  ],
];

export const wrongCode: readonly WrongCode[] = rows.map(([what, code, says]) => ({ what, code, says }));
