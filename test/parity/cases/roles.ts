import * as v from 'valibot';
import { block, defineRole, type RoleUse } from '../../../src/playbook/index.ts';
import type { ParityCase } from '../case.ts';
import { mark } from '../mark.ts';
import { marking, play, plays } from './write.ts';

const role = (name: string, tasks = "- {name: a, mark: {say: 'a {{ p | default(0) }}'}}"): Record<string, string> => ({
  [`roles/${name}/tasks/main.yml`]: tasks,
});

/** A role with one parameter, as \`role()\` writes it for Ansible. */
const one = (name: string, allowDuplicates = false) =>
  defineRole(import.meta, {
    name,
    vars: { p: v.optional(v.number(), 0) },
    allowDuplicates,
    tasks: ({ vars }) => [mark('a', { say: `a ${vars.p}` })],
  });

function twice(
  name: string,
  yaml: string,
  uses: (r: ReturnType<typeof one>) => readonly RoleUse[],
  more: Partial<ParityCase> = {},
): ParityCase {
  return {
    name,
    files: role('r'),
    ansible: plays(`roles:\n${yaml.trim().replace(/^/gm, '  ')}`),
    play: () => play([], { tasks: () => [], roles: uses(one('r')) }),
    ...more,
  };
}

export const roleCases: readonly ParityCase[] = [
  twice('a role listed twice runs once', '- r\n- r', (r) => [r(), r()]),
  twice('a role with the same parameters twice runs once', '- {role: r, p: 1}\n- {role: r, p: 1}', (r) => [
    r({ p: 1 }),
    r({ p: 1 }),
  ]),
  twice('a role with other parameters runs again', '- {role: r, p: 1}\n- {role: r, p: 2}\n- {role: r, p: 1}', (r) => [
    r({ p: 1 }),
    r({ p: 2 }),
    r({ p: 1 }),
  ]),
  twice('a role with and without parameters', '- r\n- {role: r, p: 2}', (r) => [r(), r({ p: 2 })]),
  twice('a role twice with other tags', '- {role: r, tags: x}\n- {role: r, tags: y}', (r) => [
    r({}, { tags: 'x' }),
    r({}, { tags: 'y' }),
  ]),
  twice(
    'a role twice with other tags, of which one is chosen',
    '- {role: r, tags: x}\n- {role: r, tags: y}',
    (r) => [r({}, { tags: 'x' }), r({}, { tags: 'y' })],
    { options: { tags: 'y' } },
  ),
  twice(
    'a role twice, the first time not for this host',
    "- {role: r, when: inventory_hostname != 'h1'}\n- r",
    () => [],
    {
      play: () =>
        play([], { tasks: () => [], roles: [one('r')({}, { when: ({ host }) => host.name !== 'h1' }), one('r')()] }),
    },
  ),
  twice('allow_duplicates', '- r\n- r', () => [one('r', true)(), one('r', true)()], {
    files: { ...role('r'), 'roles/r/meta/main.yml': 'allow_duplicates: true' },
  }),
  {
    name: 'a role in two plays runs in both',
    files: role('r'),
    ansible: plays('roles: [r]', 'roles: [r]'),
    play: () => [play([], { roles: [one('r')()] }), play([], { roles: [one('r')()], name: 'two' })],
  },
  {
    name: 'when on a role holds for each of its tasks',
    files: role('r', '- {name: a, mark: {}}\n- {name: b, mark: {}, when: false}'),
    ansible: plays("roles: [{role: r, when: inventory_hostname == 'h2'}]\ntasks: [{name: c, mark: {}}]"),
    play: () =>
      play(() => [mark('c')], {
        roles: [
          defineRole(import.meta, { name: 'r', tasks: () => [mark('a'), mark('b', {}, { when: false })] })(
            {},
            { when: ({ host }) => host.name === 'h2' },
          ),
        ],
      }),
  },
  {
    name: 'keywords on a role: ignore_errors, tags',
    files: role('r', '- {name: a, mark: {fail: [h1]}}\n- {name: b, mark: {}}'),
    options: { tags: 'x' },
    ansible: plays(
      'roles: [{role: r, ignore_errors: true, tags: x}]\ntasks: [{name: c, mark: {}}, {name: d, mark: {}, tags: x}]',
    ),
    play: () =>
      play(() => [mark('c'), mark('d', {}, { tags: 'x' })], {
        roles: [
          defineRole(import.meta, { name: 'r', tasks: () => [mark('a', { fail: ['h1'] }), mark('b')] })(
            {},
            { ignoreErrors: true, tags: 'x' },
          ),
        ],
      }),
  },
  {
    name: 'a block in a role, and a failed role ends the host',
    files: {
      ...role(
        'r',
        '- block: [{name: a, mark: {fail: [h1]}}]\n  rescue: [{name: b, mark: {fail: [h1]}}]\n- {name: c, mark: {}}',
      ),
      ...role('s'),
    },
    ansible: plays('roles: [r, s]\ntasks: [{name: d, mark: {}}]'),
    play: () =>
      play(() => [mark('d')], {
        roles: [
          defineRole(import.meta, {
            name: 'r',
            tasks: () => [block([mark('a', { fail: ['h1'] })], { rescue: [mark('b', { fail: ['h1'] })] }), mark('c')],
          })(),
          one('s')(),
        ],
      }),
  },
  {
    name: 'handlers of roles in role order, then those of the play',
    files: {
      ...role('r', '- {name: a, mark: {}, notify: rh}'),
      'roles/r/handlers/main.yml': '- {name: rh, mark: {}}',
      ...role('s', '- {name: b, mark: {}, notify: sh}'),
      'roles/s/handlers/main.yml': '- {name: sh, mark: {}}',
    },
    ansible: plays('roles: [r, s]\ntasks: [{name: c, mark: {}, notify: [sh, ph]}]\nhandlers: [{name: ph, mark: {}}]'),
    play: () => {
      const [rh, sh, ph] = [marking('rh'), marking('sh'), marking('ph')];
      const r = defineRole(import.meta, { name: 'r', tasks: () => [mark('a', {}, { notify: rh })] });
      const s = defineRole(import.meta, { name: 's', tasks: () => [mark('b', {}, { notify: sh })] });
      return play(() => [mark('c', {}, { notify: [sh, ph] })], { roles: [r(), s()] });
    },
  },
  {
    name: 'a handler of the same name in two roles',
    files: {
      ...role('r', '- {name: a, mark: {}, notify: "r : h"}'),
      'roles/r/handlers/main.yml': '- {name: h, mark: {say: h of r}}',
      ...role('s', '- {name: b, mark: {}, notify: "s : h"}'),
      'roles/s/handlers/main.yml': '- {name: h, mark: {say: h of s}}',
    },
    ansible: plays('roles: [r, s]'),
    play: () => {
      const [rh, sh] = [marking('h', { say: 'h of r' }), marking('h', { say: 'h of s' })];
      const r = defineRole(import.meta, { name: 'r', tasks: () => [mark('a', {}, { notify: rh })] });
      const s = defineRole(import.meta, { name: 's', tasks: () => [mark('b', {}, { notify: sh })] });
      return play([], { roles: [r(), s()] });
    },
  },
  {
    name: 'pre_tasks, roles, tasks, post_tasks and their handlers',
    files: role('r', '- {name: a, mark: {}, notify: h}'),
    ansible: plays(`
pre_tasks:
  - {name: pre, mark: {}, notify: h}
roles: [r]
tasks:
  - {name: t, mark: {}, notify: h}
post_tasks:
  - {name: post, mark: {}, notify: h}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      const r = defineRole(import.meta, { name: 'r', tasks: () => [mark('a', {}, { notify: h })] });
      return play(() => [mark('t', {}, { notify: h })], {
        preTasks: () => [mark('pre', {}, { notify: h })],
        roles: [r()],
        postTasks: () => [mark('post', {}, { notify: h })],
      });
    },
  },
  {
    name: 'variables: default, inventory-less, play, role argument, -e',
    files: {
      ...role('r', '- {name: a, mark: {say: "{{ one }} {{ two }} {{ three }} {{ four }}"}}'),
      'roles/r/defaults/main.yml': '{one: default, two: default, three: default, four: default}',
    },
    options: { extraVars: { four: 'extra' } },
    ansible: plays('vars: {two: play, three: play, four: play}\nroles: [{role: r, three: argument, four: argument}]'),
    play: () => {
      const text = (): v.OptionalSchema<v.StringSchema<undefined>, string> => v.optional(v.string(), 'default');
      const r = defineRole(import.meta, {
        name: 'r',
        vars: { one: text(), two: text(), three: text(), four: text() },
        tasks: ({ vars }) => [mark('a', { say: `${vars.one} ${vars.two} ${vars.three} ${vars.four}` })],
      });
      return play([], {
        vars: { two: 'play', three: 'play', four: 'play' },
        roles: [r({ three: 'argument', four: 'argument' })],
      });
    },
  },
];
