/** What is decided before any host is touched. */
import { describe, expect, test } from 'vitest';
import { predict, settled, type Plan } from '../../src/contract/index.ts';
import { decodeUnconfirmed } from '../../src/engine/commit-confirm/found.ts';
import { savedOf } from '../../src/engine/commit-confirm/saved.ts';
import { closesOurWay } from '../../src/engine/commit-confirm/ways-in.ts';
import type { Place } from '../../src/engine/place.ts';
import { block, type ListedTask, type TaskItem } from '../../src/playbook/index.ts';
import { accountTable, content, stat } from '../../src/probes/index.ts';
import { copy } from '../../src/resources/index.ts';
import { runPlay } from '../support/run-play.ts';

const task = (keywords: object): TaskItem => copy({ dest: '/tmp/never', content: 'x' }, keywords);
const refused = (tasks: () => readonly TaskItem[]): Promise<unknown> =>
  runPlay({ hosts: 'all', tasks }, { check: true }).then(
    () => 'taken',
    (error: unknown) => (error instanceof Error ? error.message : error),
  );

test.each([
  ['a time too short', { commitConfirmed: { within: 4 } }],
  ['a time too long', { commitConfirmed: { within: 3601 } }],
  ['another word', { commitConfirmed: { within: 60, after: 3 } }],
  ['a number', { commitConfirmed: 60 }],
  ['an undo that is empty', { commitConfirmed: { undo: ' ' } }],
])('refused: %s', async (_, keywords) => {
  expect(await refused(() => [task(keywords)])).toContain('within: SECONDS');
  // Who runs without types is told as well.
  expect(await refused(() => [block([task({})], keywords as never)])).toContain('within: SECONDS');
});

test('what is delegated is not the play host’s to confirm, unless nobody asks for it', async () => {
  expect(await refused(() => [task({ delegateTo: 'web1', commitConfirmed: true })])).toContain('is delegated');
  expect(
    await refused(() => [block([task({ delegateTo: 'web1', commitConfirmed: true })], { commitConfirmed: false })]),
  ).toBe('taken');
});

describe('what a plan names is saved', () => {
  const plan = (more: Partial<Plan<undefined>>): Plan<undefined> => ({ ...settled(undefined), ...more });

  test('folders before what is in them, what goes as a whole, nothing of the kernel', () => {
    const after = ['/etc/a/b', '/etc/a', '/proc/sys/x', '/'].map((path) =>
      predict(stat(path), { type: 'absent' as const }),
    );
    expect(savedOf(plan({ after }))).toEqual([
      { kind: 'tree', name: '/etc/a' },
      { kind: 'tree', name: '/etc/a/b' },
    ]);
  });

  test('units but not all there are, accounts, tables', () => {
    expect(
      savedOf(
        plan({
          units: ['ssh.service', '*'],
          closes: [{ by: 'account', name: 'anna' }, { by: 'firewall', table: 'inet web' }, { by: 'firewall' }],
        }),
      ),
    ).toEqual([
      { kind: 'unit', name: 'ssh.service' },
      { kind: 'account', name: 'anna' },
      { kind: 'table', name: 'inet web' },
      { kind: 'tables', name: '' },
    ]);
  });
});

test('records of a host are read as far as they are whole', () => {
  const lines = [
    '@unconfirmed 0123456789ab 12 {"play":"web","by":"anna@laptop","tasks":["one",2]}',
    '@unconfirmed 0123456789ab -4 {"play":',
    '@unconfirmed ../../etc 12 {}',
    '@undone 0123456789ab 1700000000 {"play":"web","by":"anna","tasks":[]}',
    '@why nobody confirmed it in time',
    '@errors tree /etc/ssh',
    '@undone 0123456789ac 1700000001 {}',
  ];
  expect(decodeUnconfirmed(lines)).toEqual({
    waiting: [
      { id: '0123456789ab', play: 'web', by: 'anna@laptop', tasks: ['one'], left: 12 },
      { id: '0123456789ab', play: 'unknown', by: 'somebody', tasks: [], left: 0 },
    ],
    undone: [
      {
        id: '0123456789ab',
        play: 'web',
        by: 'anna',
        tasks: [],
        at: 1_700_000_000,
        why: 'nobody confirmed it in time',
        errors: 'tree /etc/ssh',
      },
      { id: '0123456789ac', play: 'unknown', by: 'somebody', tasks: [], at: 1_700_000_001, why: '', errors: '' },
    ],
  });
});

test('what is foreseen of an account that is not ours closes no way of ours', () => {
  const asks = (name: string): boolean => {
    const after = [
      predict(accountTable, { users: [], groups: [] } as never),
      predict(content('/etc/nsswitch.conf'), { bytes: Buffer.from('') }),
    ];
    const plan: Plan<undefined> = {
      ...settled(undefined),
      after,
      touches: [{ on: 'accounts' }],
      changes: [{ what: 'user', from: 'absent', to: 'present' }],
      closes: [{ by: 'account', name }],
    };
    const place = { session: { connection: { target: { transport: 'ssh2' }, user: 'admin' } } } as unknown as Place;
    return closesOurWay(plan, { inherited: {}, become: true, becomeUser: 'root' } as ListedTask, place);
  };
  expect([asks('admin'), asks('debian-tor')]).toEqual([true, false]);
});
