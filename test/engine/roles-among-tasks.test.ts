/** A role in a list of tasks: it runs there, with what is its own, each time it is listed. */
import { expect, test } from 'vitest';
import { v } from '../../src/index.ts';
import {
  block,
  definePlaybook,
  defineRole,
  handler,
  listTasks,
  type HostTasks,
  type PlaySpec,
} from '../../src/playbook/index.ts';
import { debug } from '../../src/resources/index.ts';

const reload = handler('reload', (context) => debug({ msg: `reload ${String(context.vars['port'])}` }));
const web = defineRole(
  { dirname: '/roles/web' },
  {
    tags: 'web',
    vars: { port: v.optional(v.number(), 80) },
    tasks: ({ vars }) => [debug({ msg: `port ${vars.port}` }, { notify: reload })],
  },
);

function list(play: PlaySpec): HostTasks {
  const host = { name: 'web1', groups: [], vars: {} };
  return listTasks({
    play,
    dir: '/playbooks',
    context: {
      host: { ...host, groupVars: {} } as never,
      vars: {},
      groups: {},
      hostvars: {},
      hostOf: () => host as never,
      playHosts: ['web1'],
    },
    variable: () => undefined,
    openVault: () => undefined,
    isTyped: () => false,
    extraVars: {},
    playbook: definePlaybook([play]),
    become: false,
    becomeUser: 'root',
  });
}

const shown = ({ tasks }: HostTasks): string[] => tasks.map(({ role, name }) => `${role ?? 'play'}: ${name}`);

test('it runs where it stands, as often as it stands there, with its own variables', () => {
  const listed = list({
    hosts: 'web',
    tasks: () => [debug({ msg: 'before' }), web(), web({ port: 8080 }), web({ port: 8080 }), debug({ msg: 'after' })],
  });
  expect(shown(listed)).toEqual([
    'play: debug before',
    'web: debug port 80',
    'web: debug port 8080',
    'web: debug port 8080',
    'play: debug after',
  ]);
});

test('its tasks inherit from the role, its keywords, and the blocks around it', () => {
  const when = (): boolean => true;
  const { tasks } = list({
    hosts: 'web',
    tasks: () => [block([web({}, { tags: 'now', becomeUser: 'www', when })], { tags: 'outer', when })],
  });
  expect(tasks.map(({ tags, becomeUser, conditions }) => ({ tags, becomeUser, count: conditions.length }))).toEqual([
    { tags: ['outer', 'now', 'web'], becomeUser: 'www', count: 2 },
  ]);
});

test('its handlers are made with its variables, once', () => {
  const { handlers, tasks } = list({ hosts: 'web', tasks: () => [block([web({ port: 8080 })]), web()] });
  expect(handlers.map(({ id, listed }) => [id, listed.task.name])).toEqual([['web : reload', 'debug reload 8080']]);
  expect(tasks.map(({ notify }) => notify.map(({ id }) => id))).toEqual([['web : reload'], ['web : reload']]);
});

test('a role may list others, and not itself', () => {
  const outer = defineRole({ dirname: '/roles/outer' }, { tasks: () => [web()] });
  expect(shown(list({ hosts: 'web', roles: [outer()] }))).toEqual(['web: debug port 80']);
  const circle = defineRole(
    { dirname: '/roles/circle' },
    { tasks: (): readonly ReturnType<typeof outer>[] => [again()] },
  );
  const again = defineRole({ dirname: '/roles/again' }, { tasks: () => [circle()] });
  expect(() => list({ hosts: 'web', tasks: () => [circle()] })).toThrow('lists itself among its tasks');
  expect(() => list({ hosts: 'web', roles: [circle()] })).toThrow('lists itself among its tasks');
});

test('a wrong variable is told with its place', () => {
  expect(() => list({ hosts: 'web', tasks: () => [web({ prot: 1 } as never)] })).toThrow('prot');
});
