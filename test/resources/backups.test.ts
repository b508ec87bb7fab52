/**
 * What `backup: true` leaves is foreseen: later tasks meet it in check mode as in the run, but for the time in its
 * name.
 */
import { expect, test } from 'vitest';
import type { TaskEvent } from '../../src/engine/index.ts';
import type { Task } from '../../src/playbook/index.ts';
import { assemble, copy, debug, file, find, lineinfile, replace, shell, sync } from '../../src/resources/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { runPlay, type PlayRun } from '../support/run-play.ts';

const host = useLawHost('backups');

interface BackupCase {
  readonly name: string;
  readonly tasks: (dir: string) => readonly Task[];
  /** The tasks that tell the name of a backup, or what rests on it: marked. All others come as they are foretold. */
  readonly marked: readonly number[];
  /** sh that must succeed after the run, in the folder. */
  readonly afterwards: string;
}

const edits = (dir: string): readonly Task[] => [
  lineinfile({ path: `${dir}/a`, line: 'more', backup: true }),
  replace({ path: `${dir}/b`, regexp: 'b', replace: 'B', backup: true }),
];

const cases: readonly BackupCase[] = [
  {
    name: 'assemble takes them for fragments',
    tasks: (dir) => [...edits(dir), assemble({ src: dir, remoteSrc: true, dest: '/srv/assembled' })],
    marked: [2],
    afterwards: `[ "$(cat /srv/assembled)" = "$(printf 'a\\nmore\\na\\nB\\nb')" ]`,
  },
  {
    name: 'assemble leaves out those its pattern does not fit',
    tasks: (dir) => [...edits(dir), assemble({ src: dir, remoteSrc: true, regexp: '^[ab]$', dest: '/srv/plain' })],
    marked: [],
    afterwards: `[ "$(cat /srv/plain)" = "$(printf 'a\\nmore\\nB')" ]`,
  },
  {
    name: 'assemble leaves out those of what it makes',
    tasks: (dir) => [
      copy({ dest: `${dir}/out`, content: 'first\n' }),
      copy({ dest: `${dir}/out`, content: 'second\n', backup: true }, { when: true }),
      assemble({ src: dir, remoteSrc: true, dest: `${dir}/out` }, { when: true }),
    ],
    marked: [],
    afterwards: `[ "$(cat out)" = "$(printf 'a\\nb')" ]; ls out.*~`,
  },
  {
    name: 'sync sweeps them',
    tasks: (dir) => [...edits(dir), sync({ dest: dir, delete: true, generated: { a: 'a\n', b: 'B\n' } })],
    marked: [2],
    afterwards: `[ "$(ls)" = "$(printf 'a\\nb')" ]`,
  },
  {
    name: 'sync leaves those that are excluded',
    tasks: (dir) => [
      ...edits(dir),
      sync({ dest: dir, delete: true, exclude: ['*~'], generated: { a: 'a\n', b: 'B\n' } }),
    ],
    marked: [],
    afterwards: `[ "$(ls | wc -l)" = 4 ]`,
  },
  {
    name: 'sync sweeps them once their mode is set',
    tasks: (dir) => [
      ...edits(dir),
      file({ path: dir, state: 'directory', mode: 'u=rwX,go=', recurse: true }),
      sync({ dest: dir, delete: true, mode: '0600', generated: { a: 'a\nmore\n', b: 'B\n' } }),
    ],
    marked: [3],
    afterwards: `[ "$(ls)" = "$(printf 'a\\nb')" ]`,
  },
  {
    name: 'find and commands see them',
    tasks: (dir) => {
      const [all, some, listed, counted] = [
        find({ paths: dir }),
        find({ paths: dir, excludes: '*~' }),
        shell({ cmd: 'ls', chdir: dir, changes: 'never' }),
        shell({ cmd: 'ls | wc -l; cat a.*~', chdir: dir, changes: 'never' }),
      ];
      return [
        ...edits(dir),
        all,
        some,
        listed,
        counted,
        debug({ msg: ({ results }) => `${results(some).matched} ${results(counted).stdout}` }),
        debug({
          msg: ({ results }) =>
            `${results(all)
              .files.map(({ path }) => path)
              .join()} ${results(listed).stdout}`,
        }),
      ];
    },
    marked: [2, 4, 7],
    afterwards: `[ "$(ls | wc -l)" = 4 ]`,
  },
  {
    name: 'they go with their folder',
    tasks: (dir) => [...edits(dir), file({ path: dir, state: 'absent' })],
    marked: [],
    afterwards: '! [ -e a ]',
  },
];

const timeless = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT[\d.-]+Z~/g, 'TIME~');

const side = (of: unknown): string => (Buffer.isBuffer(of) ? of.toString() : (JSON.stringify(of) ?? 'nothing'));

/** What is told of a task, but for the time in names. */
function told({ status, message, error, changes }: TaskEvent): string {
  return timeless(
    JSON.stringify({
      status,
      message,
      what: error?.what,
      changes: changes.map(({ what, from, to, text }) => [
        what,
        from,
        to,
        text && [side(text.before), side(text.after)],
      ]),
    }),
  );
}

test.each(cases.map((one, i) => [one.name, one, i] as const))('%s', async (_, { tasks, marked, afterwards }, i) => {
  const dir = `/srv/backups-${i}/d`;
  await host.sh('mkdir -p "$1"; cd "$1"; echo a >a; echo b >b', dir);
  const connection = await host.connection();
  const run = (check: boolean): Promise<PlayRun> =>
    runPlay(
      { hosts: 'all', tasks: () => tasks(dir) },
      {
        check,
        connect: async () => ({
          target: connection.target,
          description: connection.description,
          lane: (become) => connection.lane(become),
          live: (line) => connection.live(line),
          close: async () => undefined,
        }),
      },
    );
  const foretold = await run(true);
  const done = await run(false);
  expect(done.recap.exit).toBe(0);
  await host.sh(`cd "$1" 2>/dev/null; set -e; ${afterwards}`, dir);
  expect(foretold.tasks.map(told)).toEqual(done.tasks.map(told));
  expect(
    foretold.tasks.flatMap((task, at) => (task.may !== null || task.assumed.length > 0 ? [at] : [])),
    'those that are marked',
  ).toEqual(marked);
});
