import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { PlayError } from '../../src/errors/index.ts';
import { defineRole, handler, type PlaySpec, type Task } from '../../src/playbook/index.ts';
import { copy, user } from '../../src/resources/index.ts';
import { roleFile } from '../../src/resources/kit/role-file.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';

/** Whatever goes wrong here must do so before anything is connected. */
const never: RunPlayOptions = {
  target: () => {
    throw new Error('a host was touched');
  },
};
const file = (options: Record<string, unknown>): Task =>
  (copy as unknown as (options: Record<string, unknown>) => Task)(options);
const twoNames = handler('reload', () => copy({ dest: '/x', content: '' }, { name: 'copy it' }));
const motd = defineRole(
  { dirname: '/nowhere/motd' },
  {
    vars: { text: v.string(), port: v.optional(v.number(), 80) },
    tasks: ({ vars }) => [copy({ dest: '/etc/motd', content: vars.text })],
  },
);

const mistakes: {
  name: string;
  play: Omit<PlaySpec, 'hosts'>;
  options?: RunPlayOptions;
  says: RegExp;
  hint?: RegExp;
}[] = [
  {
    name: 'an unknown option',
    play: { tasks: () => [file({ dset: '/x', content: 'x' })] },
    says: /Unknown option of copy "dset"/,
    hint: /"dest"/,
  },
  { name: 'a missing option', play: { tasks: () => [file({ content: 'x' })] }, says: /copy needs the option "dest"/ },
  {
    name: 'a mode as a number',
    play: { tasks: () => [file({ dest: '/x', content: 'x', mode: 644 })] },
    says: /"mode".* is 644 \(a number\), but must be a string such as '0644'/,
  },
  {
    name: 'a relative path',
    play: { tasks: () => [file({ dest: 'x', content: 'x' })] },
    says: /must be an absolute path/,
  },
  {
    name: 'neither src nor content',
    play: { tasks: () => [file({ dest: '/x' })] },
    says: /give either `src` or `content`/,
  },
  {
    name: 'a file that is not there',
    play: { tasks: () => [file({ dest: '/x', src: 'nope' })] },
    says: /The file nope cannot be read/,
    hint: /files/,
  },
  {
    name: 'a role variable nobody set',
    play: { roles: [motd()] },
    says: /role "motd" needs the variable "text"/,
    hint: /host_vars\/web1\.yml/,
  },
  {
    name: 'a role variable of the wrong type',
    play: { roles: [motd({ text: 'x' })], vars: { port: 'eighty' } },
    says: /variable "port" of role motd is "eighty" \(a string\)/,
  },
  {
    name: 'an unknown role variable',
    play: { roles: [(motd as (args: Record<string, unknown>) => ReturnType<typeof motd>)({ txt: 'x' })] },
    says: /Unknown variable of role motd "txt"/,
    hint: /"text"/,
  },
  {
    name: 'an unknown tag',
    play: { tasks: () => [copy({ dest: '/x', content: '' }, { tags: 'prometheus' })] },
    options: { tags: ['promtheus'] },
    says: /Unknown tag "promtheus"/,
    hint: /"prometheus"/,
  },
  {
    name: 'an unknown tag to skip',
    play: { tasks: () => [copy({ dest: '/x', content: '' }, { tags: 'a' })] },
    options: { skipTags: ['b'] },
    says: /Unknown tag "b"/,
  },
  {
    name: 'a handler with two names',
    play: { tasks: () => [copy({ dest: '/x', content: '' }, { notify: twoNames })] },
    says: /The task of the handler "reload" has a name of its own, "copy it"/,
  },
  {
    name: 'a task made but not returned',
    play: {
      tasks: () => {
        copy({ dest: '/x', content: '' });
        return [];
      },
    },
    says: /made but not in the list/,
  },
  {
    name: 'a list that is a promise',
    play: { tasks: (async () => []) as unknown as () => Task[] },
    says: /does not return a list of tasks/,
    hint: /synchronous/,
  },
  {
    name: 'two tasks that fight',
    play: { tasks: () => [copy({ dest: '/x', content: 'a' }), copy({ dest: '/x', content: 'b' })] },
    says: /want different things of \/x/,
  },
  {
    name: 'two tasks that fight for what is no path',
    play: { tasks: () => [user({ name: 'app', uid: 1200 }), user({ name: 'app', uid: 1300 })] },
    says: /want different things of the uid of user app/,
  },
  {
    name: 'a result read while the list is made',
    play: {
      tasks: () => {
        const task = copy({ dest: '/x', content: '' });
        return (task as unknown as { changed: boolean }).changed ? [task] : [];
      },
    },
    says: /"changed" of the task "copy \/x" is not known/,
    hint: /results\(task\)/,
  },
  {
    name: 'a result put into a string',
    play: {
      tasks: () => {
        const task = copy({ dest: '/x', content: '' });
        return [task, copy({ dest: '/y', content: `in a ${task as unknown as string}` })];
      },
    },
    says: /The result of the task/,
  },
];

test.each(mistakes)('$name is refused at the desk', async ({ play, options, says, hint }) => {
  const error: unknown = await runPlay({ hosts: 'all', ...play }, { ...never, ...options }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PlayError);
  if (!(error instanceof PlayError)) return;
  expect(error.message).toMatch(says);
  expect(error.exitCode).toBe(1);
  if (hint) expect(error.hint).toMatch(hint);
});

test('a task made outside of a role or a play is refused where it stands', () => {
  expect(() => copy({ dest: '/x', content: '' })).toThrow(/outside the tasks of a role or play/);
  try {
    copy({ dest: '/x', content: '' });
  } catch (error) {
    expect((error as PlayError).where).toMatchObject({ file: import.meta.filename });
  }
});

test('a file is looked for in the folder for such, then beside it, as Ansible does', () => {
  const scope = { dir: join(import.meta.dirname, '..', 'secrets') };
  expect(roleFile(scope, 'files', 'secret.test.ts')).toBe(join(scope.dir, 'secret.test.ts'));
  expect(roleFile(scope, 'files', '../engine/desk.test.ts')).toBe(import.meta.filename);
  expect(roleFile(scope, 'templates', 'nowhere.hbs')).toBe(join(scope.dir, 'templates', 'nowhere.hbs'));
});
