/** Every run beside its own forecast: what check mode would have said, from the run's own questions. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/connection/index.ts';
import { block, handler, type PlaySpec, type Task } from '../../src/playbook/index.ts';
import { command, copy, debug, file, lineinfile, shell } from '../../src/resources/index.ts';
import { runPlay, type PlayRun } from '../support/run-play.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const dir = temporaryFolder('foretold');
const at = (name: string): string => join(dir, 'srv', name);
beforeEach(() => {
  rmSync(at(''), { recursive: true, force: true });
  mkdirSync(at(''));
});

type Tasks = ReturnType<Extract<PlaySpec['tasks'], (...args: never[]) => unknown>>;
const playOf = (tasks: () => Tasks): PlaySpec => ({ hosts: 'all', tasks });
const foretold = (tasks: () => Tasks): Promise<PlayRun> => runPlay(playOf(tasks), { foretells: true });
const verdict = ({ events }: PlayRun) => events.find((event) => event.event === 'foretold');
const note = (name: string, options: object = {}): Task =>
  copy({ dest: at(name), content: `${name}\n`, mode: '0644' }, options);

test('what leans on what came before is foretold; of a handler, what was not asked yet is not', async () => {
  const restarted = handler('restarted', () => shell({ cmd: `touch ${at('restarted')}`, creates: at('restarted') }));
  const tasks = (): Tasks => {
    const first = note('one', { notify: [restarted] });
    return [
      first,
      file({ path: at('folder'), state: 'directory', mode: '0755' }),
      copy({ dest: at('folder/two'), content: 'two\n', mode: '0600' }),
      lineinfile({ path: at('folder/three'), line: 'three', create: true }),
      file({ path: at('link'), state: 'link', src: at('folder') }),
      copy({ dest: at('link/four'), content: 'x', mode: '0644' }, { when: ({ results }) => results(first).changed }),
      debug({ msg: 'fine' }),
    ];
  };
  const run = await foretold(tasks);
  expect(run.recap.exit).toBe(0);
  expect(verdict(run)).toMatchObject({ tasks: 8, right: 7, unasked: 1, changes: 6, misses: [], problem: null });
  const again = await foretold(tasks);
  expect(verdict(again)).toMatchObject({ right: 7, tasks: 7, changes: 0 });
});

test('it costs no exchange, and neither changes nor tells anything by itself', async () => {
  const tasks = (): Tasks => [
    note('one'),
    note('two'),
    command({ argv: ['touch', at('three')], creates: at('three') }),
  ];
  const plain = await runPlay(playOf(tasks));
  rmSync(at(''), { recursive: true });
  mkdirSync(at(''));
  const run = await foretold(tasks);
  expect(run.exchanges).toBe(plain.exchanges);
  expect(run.told).toEqual(plain.told);
});

test('what came otherwise is told with what was said, what was done and why', async () => {
  const tasks = (): Tasks => [
    shell({ cmd: `echo by the script >${at('two')}`, changes: 'always' }, { name: 'a script', changedWhen: true }),
    note('two', { name: 'behind it' }),
    command({ argv: ['false'], changes: 'always' }, { name: 'it fails', ignoreErrors: true }),
  ];
  const run = await foretold(tasks);
  const said = verdict(run);
  expect(said?.misses).toContainEqual(
    expect.objectContaining({ task: 'it fails', said: 'changed (run -> false)', did: 'failed (run -> false)' }),
  );
  expect(said?.misses.find(({ task }) => task === 'behind it')).toMatchObject({
    said: 'changed (content -> new file)',
    did: 'changed (content)',
  });
});

describe('what only check mode asks, or only time tells, counts as neither right nor wrong', () => {
  test('until, run once, and what reads their results', async () => {
    const run = await foretold(() => {
      const waits = shell({ cmd: 'echo up', changes: 'never' }, { until: ({ result }) => result.stdout === 'up' });
      const two = copy({ dest: at('two'), content: 'x' }, { when: ({ results }) => results(waits).stdout === 'up' });
      const brings = shell({ cmd: `echo x >${at('four')}`, changes: 'always' }, { runOnce: true });
      return [note('one'), waits, two, note('three', { runOnce: true }), brings, note('four')];
    });
    expect(run.recap.exit).toBe(0);
    expect(verdict(run)).toMatchObject({ tasks: 6, right: 1, unasked: 5, misses: [], problem: null });
  });
});

test('a block with rescue and always, and the end of a run that fails', async () => {
  const run = await foretold(() => [
    note('one'),
    block([command({ argv: ['false'], changes: 'always' }, { name: 'breaks' })], {
      rescue: [note('rescued')],
      always: [note('always')],
    }),
    note('end'),
  ]);
  expect(run.recap.exit).toBe(0);
  expect(verdict(run)?.misses.map(({ task, did }) => `${task}: ${did.split(' ')[0]}`)).toEqual([
    'breaks: failed',
    expect.stringMatching(/rescued|copy/),
  ]);
  const failed = await foretold(() => [
    command({ argv: ['false'], changes: 'always' }, { name: 'breaks' }),
    note('never'),
  ]);
  expect(verdict(failed)?.misses).toMatchObject([{ task: 'breaks' }]);
});

test('files that others change in the midst of a run are no fault of the forecast, but are told', async () => {
  writeFileSync(at('one'), 'old\n');
  const run = await runPlay(
    playOf(() => [
      shell({ cmd: 'true', changes: 'always' }, { name: 'first' }),
      copy(
        { dest: at('one'), content: ({ facts }) => (facts.hostname === '' ? '' : 'new\n'), mode: '0644' },
        { name: 'second' },
      ),
    ]),
    { foretells: true, connect },
  );
  expect(verdict(run)).toMatchObject({ tasks: 2, misses: [] });
});
