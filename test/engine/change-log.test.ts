/** What hosts are told of each change: a line for the journal, and one for each thing in the log. */
import { expect, test } from 'vitest';
import { thingsMeant } from '../../src/cli/commands/blame/thing-meant.ts';
import { verdictOf } from '../../src/cli/commands/blame/verdict.ts';
import { newFileIn } from '../../src/cli/commands/blame/written-text.ts';
import { settled, type Plan } from '../../src/contract/index.ts';
import { decodeChanges, logChanges, type Left, type LoggedChange } from '../../src/engine/change-log.ts';
import type { PendingChange } from '../../src/engine/pack.ts';
import { group, linkTarget, sha256, stat, unit, user } from '../../src/probes/index.ts';
import { unifiedDiff } from '../../src/report/index.ts';

const file = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 1 } as const;

function told(plan: Partial<Plan<unknown>>, task: object = {}, probes: PendingChange['probes'] = []) {
  const listed = {
    name: 'a task',
    role: 'nginx',
    inherited: {},
    task: { at: { file: '/p/roles/nginx/index.ts', line: 7 } },
    ...task,
  };
  const change = {
    listed,
    plan: { ...settled({}), changes: [{ what: 'mode', from: '0600', to: '0644' }], ...plan },
    probes,
  } as unknown as PendingChange;
  const log = {
    id: '2026-x',
    commit: () => 'f'.repeat(40),
    project: '/p',
    redact: (text: string) => text.replaceAll('hunter2', '***'),
  };
  const request = logChanges({ log, by: 'anna@laptop', play: 'web', changes: [change] });
  const [lines = '', journal = ''] = request?.args ?? [];
  return { lines: decodeChanges(lines), journal, raw: lines };
}
const left = (plan: Partial<Plan<unknown>>, probes: PendingChange['probes'] = []): Record<string, Left | undefined> =>
  Object.fromEntries(told(plan, {}, probes).lines.map((one) => [one.on, one.left]));

test('who, when, where and what, in one line that nothing breaks', () => {
  const { lines, journal } = told({ after: [{ question: stat('/etc/x'), answer: file }] });
  expect(journal).toBe('run 2026-x by anna@laptop: nginx : a task (roles/nginx/index.ts:7): mode 0600 -> 0644');
  expect(lines).toEqual([
    {
      on: 'path /etc/x',
      id: '2026-x',
      by: 'anna@laptop',
      at: expect.any(String),
      commit: 'f'.repeat(12),
      play: 'web',
      task: 'nginx : a task',
      line: 'roles/nginx/index.ts:7',
      what: 'mode 0600 -> 0644',
      left: { type: 'file', mode: '0644', owner: 'root', group: 'root' },
    },
  ]);
  const hostile = told(
    { changes: [{ what: 'x', to: 'a\nrun by root@: \u001b[2J\u202e hunter2' }] },
    { name: 'b\r\nc' },
  );
  expect(hostile.journal).not.toMatch(/[\n\r\u001b\u202e]|hunter2/);
  expect(told({}, { inherited: { noLog: true } }).journal).toBe(
    'run 2026-x by anna@laptop: nginx : a task (roles/nginx/index.ts:7)',
  );
  expect(told({ changes: [{ what: 'x'.repeat(5000) }] }).journal.length).toBeLessThan(1000);
});

test('what changes nothing, looks only or is upkeep is not told', () => {
  for (const plan of [{ changes: [] }, { quiet: true }, { looksOnly: true }]) expect(told(plan).journal).toBe('');
});

test('the things of a plan: files, links, units, packages, accounts; a tree as one', () => {
  expect(
    left({
      after: [
        { question: stat('/a'), answer: { ...file, owner: '' } },
        { question: sha256('/a'), answer: 'ab' },
      ],
    }),
  ).toEqual({ 'path /a': { type: 'file', mode: '0644', group: 'root', sha: 'ab' } });
  expect(left({ after: [{ question: linkTarget('/l'), answer: '/a' }] })).toEqual({ 'path /l': { target: '/a' } });
  expect(left({ after: [{ question: stat('/gone'), answer: { type: 'absent' } }] })).toEqual({
    'path /gone': { type: 'absent' },
  });
  expect(left({ after: [{ question: stat('/maybe'), answer: null, unknown: 'why' }] })).toEqual({});
  expect(left({ units: ['nginx', '*'] })).toEqual({ 'unit nginx.service': undefined });
  expect(left({ after: [{ question: unit('nginx'), answer: { enabled: 'enabled', active: 'active' } }] })).toEqual({
    'unit nginx.service': { enabled: 'enabled', active: 'active' },
  });
  expect(
    left({
      changes: [
        { what: 'package nginx', from: 'absent', to: '1.22-1' },
        { what: 'package libold:amd64', from: '1', to: 'absent, with its configuration' },
        { what: 'package lists', to: 'fetched' },
      ],
    }),
  ).toEqual({ 'package nginx': { version: '1.22-1' }, 'package libold': { version: '' } });
  expect(left({ touches: [{ on: 'accounts' }] }, [user('anna'), group('www'), stat('/home')])).toEqual({
    'account anna': undefined,
    'account www': undefined,
  });
  expect(told({ touches: [{ on: 'path', path: '/srv' }] }).lines).toMatchObject([{ on: 'path /srv', isTree: true }]);
  const many = Array.from({ length: 500 }, (_, i) => ({ question: stat(`/t/${i}`), answer: file }));
  expect(told({ after: many }).lines.length).toBeLessThan(100);
});

const entry = (on: string, was: Left): LoggedChange => ({
  on,
  id: 'r',
  by: 'a@b',
  at: '',
  play: '',
  task: '',
  what: '',
  left: was,
});
const whole = { type: 'file', mode: '0644', sha: 'a'.repeat(64) } as const;
test.each<[string, readonly Left[], Left, object]>([
  ['nothing on record', [], whole, { is: 'no record' }],
  ['as it was', [whole], whole, { is: 'as left' }],
  [
    'a mode alone is added to what is known',
    [whole, { type: 'file', mode: '0600' }],
    { ...whole, mode: '0600' },
    { is: 'as left' },
  ],
  [
    'content',
    [whole],
    { ...whole, sha: 'b'.repeat(64) },
    { is: 'changed since', differences: [{ what: 'content', from: 'aaaaaaaaaaaa', to: 'bbbbbbbbbbbb' }] },
  ],
  [
    'gone',
    [whole],
    { type: 'absent' },
    { is: 'changed since', differences: [{ what: 'type', from: 'file', to: 'absent' }] },
  ],
  [
    'a link in its place',
    [whole],
    { type: 'link', target: '/x' },
    { is: 'changed since', differences: [{ what: 'type', from: 'file', to: 'link' }] },
  ],
  [
    'made anew after it was removed',
    [whole, { type: 'absent' }],
    whole,
    { is: 'changed since', differences: [{ what: 'type', from: 'absent', to: 'file' }] },
  ],
  [
    'a package that is upgraded',
    [{ version: '1' }],
    { version: '2' },
    { is: 'changed since', differences: [{ what: 'version', from: '1', to: '2' }] },
  ],
  [
    'a unit',
    [{ enabled: 'enabled', active: 'active' }],
    { enabled: 'enabled', active: 'failed' },
    { is: 'changed since', differences: [{ what: 'active', from: 'active', to: 'failed' }] },
  ],
  ['what was not noted', [{}], whole, { is: 'not known' }],
])('how a thing stands: %s', (_, lefts, now, expected) => {
  expect(
    verdictOf(
      lefts.map((one) => entry('path /x', one)),
      'path /x',
      now,
    ),
  ).toEqual(expected);
});

test('what an argument means', () => {
  const names = (text: string): string =>
    thingsMeant(text)
      .map(({ kind, name }) => `${kind} ${name}`)
      .join(', ');
  expect(names('/etc//nginx/../motd/')).toBe('path /etc/motd');
  expect(names('/')).toBe('path /');
  expect(names('nginx.service')).toBe('unit nginx.service');
  expect(names('nginx')).toBe('package nginx, unit nginx.service, account nginx');
  expect(names('account:anna')).toBe('account anna');
  expect(() => thingsMeant('etc/motd')).toThrow(/neither a path nor a name/);
});

test.each(['one\n', 'one', '++ odd\n-- x\n', 'a\n\nb\n'])(
  'the text of a new file is read out of its diff: %j',
  (text) => {
    expect(newFileIn(unifiedDiff({ path: '/x', before: null, after: Buffer.from(text) }, (part) => part))).toEqual([
      text,
    ]);
  },
);
