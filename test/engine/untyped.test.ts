/**
 * What the types of a playbook refuse is refused without them too, where it was written, before any host is touched.
 */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { PlayError } from '../../src/errors/index.ts';
import * as playbook from '../../src/playbook/index.ts';
import { copy } from '../../src/resources/index.ts';
import { runPlay } from '../support/run-play.ts';

type Loose = (...args: readonly unknown[]) => never;
/** As plain JavaScript sees them. */
const [task, block, handler, topic, defineRole] = [
  copy,
  playbook.block,
  playbook.handler,
  playbook.topic,
  playbook.defineRole,
] as unknown as [Loose, Loose, Loose, Loose, (...args: readonly unknown[]) => Loose];
const play = (spec: unknown): Promise<unknown> =>
  runPlay(spec as playbook.PlaySpec, {
    inventory: 'web1,web2',
    target: () => {
      throw new Error('a host was touched');
    },
  });
const x = { dest: '/x', content: '' };
/** A play of one task with these keywords. */
const withKeywords = (keywords: unknown): Promise<unknown> => play({ hosts: 'web1', tasks: () => [task(x, keywords)] });
const inBlock = (keywords: unknown): Promise<unknown> =>
  play({ hosts: 'web1', tasks: () => [block([task(x)], keywords)] });
const role = (more: object): Loose => defineRole({ dirname: '/nowhere/motd' }, { tasks: () => [task(x)], ...more });
const noted = (notify: unknown): never => task(x, { notify });
const inRole = (keywords: unknown): Promise<unknown> => play({ hosts: 'web1', roles: [role({})({}, keywords)] });
const ofPlay = (more: object): Promise<unknown> => play({ hosts: 'web1', tasks: () => [], ...more });
const body = (): never => task(x);

/** Wrong for a task, a block and a role in use alike. */
const everywhere: readonly (readonly [object, RegExp, RegExp?])[] = [
  [{ tags: 5 }, /"tags" is 5 \(a number\), but must be a tag/],
  [{ tags: ['a', 5] }, /"tags" is \["a",5\] \(a list\)/],
  [{ tags: { a: true } }, /"tags" is .* but must be a tag/],
  [{ become: 'yes' }, /"become" is "yes" \(a string\), but must be true or false/],
  [{ becomeUser: 'a b' }, /"becomeUser" is "a b" \(a string\), but must be the name of an account/],
  [{ becomeUser: '' }, /"becomeUser" is ""/],
  [{ becomeUser: 0 }, /"becomeUser" is 0 \(a number\)/],
  [{ becomeUser: '-x' }, /"becomeUser" is "-x"/],
  [{ environment: 'LANG=C' }, /"environment" is "LANG=C"/],
  [{ environment: { LANG: 5 } }, /"environment" is \{"LANG":5\}/],
  [{ environment: { 'A B': 'x' } }, /"environment" is/],
  [{ environment: ['LANG=C'] }, /"environment" is/],
  [{ ignoreErrors: 'no' }, /"ignoreErrors" is "no"/],
  [{ ignoreUnreachable: 1 }, /"ignoreUnreachable" is 1/],
  [{ delegateTo: 5 }, /"delegateTo" is 5/],
  [{ delegateTo: '' }, /"delegateTo" is ""/],
  [{ delegateTo: ['web2'] }, /"delegateTo" is \["web2"\]/],
  [{ delegateTo: 'wbe2' }, /Unknown host to delegate the task "copy \/x" to "wbe2"/, /"web2"/],
  [{ runOnce: 'true' }, /"runOnce" is "true"/],
  [{ noLog: 'yes' }, /"noLog" is "yes"/],
  [{ timeout: '5' }, /"timeout" is "5"/],
  [{ timeout: 0 }, /"timeout" is 0/],
  [{ timeout: -1 }, /"timeout" is -1/],
  [{ timeout: Number.NaN }, /"timeout" is/],
  [{ when: 'facts.kernel' }, /"when" is "facts.kernel"/],
  [{ when: Promise.resolve(true) }, /"when" is a promise/],
  [{ whenn: true }, /Unknown keyword of .* "whenn"/, /"when"/],
  [{ become_user: 'x' }, /Unknown keyword of .* "become_user"/, /"becomeUser"/],
  [{ toString: true }, /Unknown keyword of .* "toString"/],
];
const cases: (readonly [what: string, run: () => unknown, says: RegExp, hint?: RegExp | undefined])[] =
  everywhere.flatMap(([keywords, says, hint]) => [
    [`a task: ${shown(keywords)}`, () => withKeywords(keywords), says, hint],
    [`a block: ${shown(keywords)}`, () => inBlock(keywords), says, hint],
    [`a role: ${shown(keywords)}`, () => inRole(keywords), says, hint],
  ]);
cases.push(
  [
    'keywords that are text',
    () => withKeywords('web'),
    /The keywords of a task of copy are a string, but must be an object/,
  ],
  ['keywords that are a list', () => withKeywords(['web']), /are a list/],
  ['keywords that are null', () => withKeywords(null), /are null/],
  [
    'a handler by its name',
    () => withKeywords({ notify: 'reload' }),
    /"notify" is "reload" \(a string\), but must be what handler\(\) or topic\(\) gave/,
  ],
  ['handlers by their names', () => withKeywords({ notify: ['reload'] }), /"notify" is \["reload"\]/],
  [
    'a task notified',
    () =>
      play({
        hosts: 'web1',
        tasks: () => {
          const one = task(x);
          return [one, task({ dest: '/y', content: '' }, { notify: one })];
        },
      }),
    /"notify" is/,
  ],
  ['a name that is none', () => withKeywords({ name: 5 }), /"name" is 5/],
  ['an empty name', () => withKeywords({ name: ' ' }), /"name" is " "/],
  ['a failedWhen that is text', () => withKeywords({ failedWhen: 'rc != 0' }), /"failedWhen" is/],
  ['a changedWhen that is text', () => withKeywords({ changedWhen: 'false' }), /"changedWhen" is/],
  ['an until that is a flag', () => withKeywords({ until: true }), /"until" is true/],
  ['retries that are no number', () => withKeywords({ retries: '3' }), /"retries" is "3"/],
  ['half a retry', () => withKeywords({ retries: 1.5 }), /"retries" is 1.5/],
  ['a delay below nothing', () => withKeywords({ delay: -1 }), /"delay" is -1/],
  ['a loop', () => withKeywords({ loop: ['a'] }), /Unknown keyword of a task of copy "loop"/],
  ['a register', () => withKeywords({ register: 'out' }), /Unknown keyword of a task of copy "register"/],
  ['options that are text', () => play({ hosts: 'web1', tasks: () => [task('x')] }), /copy needs its options/],
  ['no options', () => play({ hosts: 'web1', tasks: () => [task()] }), /copy needs its options/],
  [
    'an option that every object has',
    () => play({ hosts: 'web1', tasks: () => [task({ ...x, toString: 'x' })] }),
    /Unknown option of copy "toString"/,
  ],
  [
    'a block of one task',
    () => play({ hosts: 'web1', tasks: () => [block(task(x))] }),
    /A block needs a list of tasks/,
  ],
  ['a rescue of one task', () => inBlock({ rescue: 'x' }), /"rescue" is "x"/],
  ['an always that is a function', () => inBlock({ always: () => [] }), /"always" is/],
  ['a notify of a block', () => inBlock({ notify: [] }), /Unknown keyword of a block "notify"/],
  ['a rescue that holds no tasks', () => inBlock({ rescue: ['x'] }), /something that is not a task/],
  [
    'an empty pattern',
    () => ofPlay({ hosts: '' }),
    /A play: "hosts" is "" \(a string\), but must be a pattern that is not empty/,
  ],
  ['a pattern of blanks', () => ofPlay({ hosts: ' ' }), /"hosts" is " "/],
  ['no patterns', () => ofPlay({ hosts: [] }), /"hosts" is \[\]/],
  ['an empty one of several', () => ofPlay({ hosts: ['web1', ''] }), /"hosts" is \["web1",""\]/],
  ['hosts that are a number', () => ofPlay({ hosts: 5 }), /"hosts" is 5/],
  ['no hosts', () => play({ tasks: () => [] }), /"hosts" is missing/],
  ['only separators', () => ofPlay({ hosts: ',' }), /names no host/],
  [
    'roles that are not called',
    () => ofPlay({ roles: [role({})] }),
    /"roles" is .* but must be a list of roles in use/,
  ],
  ['roles by name', () => ofPlay({ roles: ['motd'] }), /"roles" is \["motd"\]/],
  ['one role', () => ofPlay({ roles: role({})() }), /"roles" is/],
  ['tasks that are a list', () => ofPlay({ tasks: [] }), /"tasks" is \[\] \(a list\), but must be a function/],
  ['preTasks that are a list', () => ofPlay({ preTasks: [] }), /"preTasks" is/],
  ['postTasks that are text', () => ofPlay({ postTasks: 'x' }), /"postTasks" is/],
  ['variables that are a list', () => ofPlay({ vars: ['x'] }), /"vars" is/],
  ['a serial of nothing', () => ofPlay({ serial: 0 }), /"serial" is 0/],
  ['a serial that is no number', () => ofPlay({ serial: 'half' }), /"serial" is "half"/],
  ['an empty serial', () => ofPlay({ serial: [] }), /"serial" is \[\]/],
  ['a percentage as text', () => ofPlay({ maxFailPercentage: '30%' }), /"maxFailPercentage" is "30%"/],
  ['a percentage too high', () => ofPlay({ maxFailPercentage: 101 }), /"maxFailPercentage" is 101/],
  ['a flag as text', () => ofPlay({ anyErrorsFatal: 'yes' }), /"anyErrorsFatal" is "yes"/],
  ['force as text', () => ofPlay({ forceHandlers: 'yes' }), /"forceHandlers" is "yes"/],
  ['defaults that are none', () => ofPlay({ defaults: { ownr: 'root' } }), /"defaults" is \{"ownr":"root"\}/],
  ['an unknown keyword of a play', () => ofPlay({ gatherFacts: false }), /Unknown keyword of a play "gatherFacts"/],
  ['a misspelt keyword of a play', () => ofPlay({ becom: true }), /Unknown keyword of a play "becom"/, /"become"/],
  ['a user of a play with a blank', () => ofPlay({ becomeUser: 'a b' }), /"becomeUser" is "a b"/],
  ['no play', () => play([]), /The playbook has no plays/],
  ['a play that is text', () => play('web'), /The keywords of a play are a string/],
  ['a play that is missing', () => play(undefined), /The keywords of a play are a undefined|has no plays/],
  [
    'two handlers of one name',
    () => ofPlay({ tasks: () => [noted([handler('reload', body), handler('reload', body)])] }),
    /Two handlers of the play are called "reload"/,
    /The first is at .*untyped\.test\.ts:\d+/,
  ],
  [
    'two handlers of one name in a role',
    () =>
      play({
        hosts: 'web1',
        roles: [role({ tasks: () => [noted([handler('reload', body), handler('reload', body)])] })()],
      }),
    /Two handlers of the role "motd" are called "reload"/,
  ],
  ['a handler without a name', () => handler('', body), /A handler has no name/],
  ['a handler that is a task', () => handler('reload', {}), /The handler "reload" needs a function/],
  ['a topic of names', () => topic('changed', ['reload']), /The topic "changed" needs a list of handlers/],
  ['a topic of nothing', () => topic('changed'), /The topic "changed" needs a list of handlers/],
  ['a role without a name', () => role({ name: '' }), /A role: "name" is ""/],
  [
    'a role without a folder',
    () => defineRole({ tasks: () => [] }),
    /A role does not know where it is/,
    /import\.meta/,
  ],
  [
    'a role with a relative folder',
    () => defineRole({ dirname: '.' }, { tasks: () => [] }),
    /A role does not know where it is/,
  ],
  ['a role with tasks as a list', () => role({ tasks: [] }), /A role: "tasks" is \[\]/],
  ['a role whose variables have no schema', () => role({ vars: { port: 80 } }), /A role: "vars" is \{"port":80\}/],
  ['a role whose variables are names', () => role({ vars: ['port'] }), /A role: "vars" is/],
  ['a role with a misspelt keyword', () => role({ handler: [] }), /Unknown keyword of a role "handler"/],
  ['a role that gets a text', () => role({})('x'), /The role "motd" is not given an object of variables/],
  ['a role that gets a list', () => role({})(['x']), /The role "motd" is not given an object of variables/],
  [
    'a variable that every object has',
    () => play({ hosts: 'web1', roles: [role({ vars: { port: v.optional(v.number(), 1) } })({ constructor: 1 })] }),
    /Unknown variable of role motd "constructor"/,
  ],
);

function shown(keywords: object): string {
  return Object.entries(keywords)
    .map(
      ([key, value]) =>
        `${key}: ${value instanceof Promise ? 'a promise' : Number.isNaN(value) ? 'NaN' : JSON.stringify(value)}`,
    )
    .join();
}

test.each(cases.map(([what, run, says, hint]) => ({ what, run, says, hint })))('$what', async ({ run, says, hint }) => {
  const error: unknown = await (async () => run())().catch((thrown: unknown) => thrown);
  if (!(error instanceof PlayError)) throw new Error(`it was accepted, or failed otherwise: ${String(error)}`);
  expect(error.message).toMatch(says);
  expect(error.exitCode).toBe(1);
  if (hint) expect(error.hint).toMatch(hint);
  // The line of this file that has it, or calls what has it.
  if (typeof error.where !== 'object') throw new Error(`no place: ${String(error.where)}`);
  expect(error.where.line).toBeGreaterThan(0);
  expect(error.where.column).toBeGreaterThan(0);
  expect(readFileSync(error.where.file, 'utf8')).toBeTruthy();
});
