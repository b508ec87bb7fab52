/** What a change makes doubtful among thousands of answers, and how few of them are looked at for it. */
import { expect, test } from 'vitest';
import { predict, type PathState, type ProbeKind, type Question, type Stat } from '../../src/contract/index.ts';
import type { PendingChange } from '../../src/engine/pack.ts';
import { cutForProofs } from '../../src/engine/proofs.ts';
import { HostState } from '../../src/engine/state.ts';
import {
  content,
  linkTarget,
  sameFile,
  self,
  sha256,
  stat,
  tree,
  user,
  way,
  writability,
} from '../../src/probes/index.ts';
import { listing } from '../../src/probes/listing.ts';
import { Dice } from '../support/dice.ts';

const file: PathState = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 };

const folders = ['/srv', '/srv/a', '/srv/b', '/lnk', '/srv/a/deep'];
const names = ['x', 'y', 'z', 'other', 'lnk', '..', 'a/../x'];
const paths = folders.flatMap((folder) => [folder, ...names.map((name) => `${folder}/${name}`)]);
const asks: readonly ((path: string) => Question)[] = [
  stat,
  sha256,
  content,
  linkTarget,
  way,
  tree,
  writability,
  listing,
];

/** A host with links, files that have several names, and questions of every kind; what of it is known is a matter of chance. */
function someState(dice: Dice): { readonly state: HostState; readonly asked: readonly Question[] } {
  const state = new HostState();
  const asked = [self, user('bob'), ...paths.flatMap((path) => dice.some(asks, 0.4).map((ask) => ask(path)))];
  for (const question of asked) {
    const isLink = dice.chance(0.2);
    const target = isLink ? dice.one([...paths, 'x', '../b/y']) : null;
    const state_: Stat = {
      ...file,
      type: isLink ? 'link' : 'file',
      identity: `1:${dice.below(6)}`,
      ...(dice.chance(0.3) ? { hasOtherNames: true } : {}),
    };
    const answer =
      question.kind.kind === 'stat'
        ? state_
        : question.kind.kind === 'way'
          ? { target }
          : question.kind.kind === 'link'
            ? target
            : question.kind.kind === 'listing'
              ? []
              : null;
    state.record('', question, answer);
  }
  return { state, asked };
}

test.each(Array.from({ length: 300 }, (_, seed) => seed))('all that is in doubt is found (seed %i)', (seed) => {
  const dice = new Dice(seed);
  const { state, asked } = someState(dice);
  const path = dice.one(paths);
  const after = dice.some(
    [
      predict(stat(path), file),
      predict(sha256(path), 'a'),
      predict(linkTarget(path), null),
      predict(user('bob'), null),
    ],
    0.8,
  );
  const touches = dice.chance(0.2) ? [{ on: 'path', path: dice.one(paths) } as const] : [];
  const doubt = state.doubt(after, touches);
  const doubtful = asked.filter((question) => doubt.is(question, state.answer('', question), state.hasAllRights('')));
  state.expire(after, touches);
  expect(asked.filter((question) => state.answer('', question) === undefined)).toEqual(doubtful);
});

/** Questions about files that count how often somebody asks what they depend on. */
function counted(): { readonly ask: (path: string) => Question; looks: number } {
  const count = {
    looks: 0,
    ask: (path: string): Question => ({ kind, args: [path] }),
  };
  const kind: ProbeKind = {
    kind: 'counted',
    arity: 1,
    sh: '',
    decode: () => [],
    depends: ([path = '']) => {
      count.looks++;
      return [{ on: 'path', path }, { on: 'accounts' }];
    },
    absent: null,
  };
  return count;
}

test('a thousand changes of files are each held against few of the answers', () => {
  const count = counted();
  const state = new HostState();
  const all = Array.from({ length: 1000 }, (_, n) => `/srv/file${n}`);
  for (const path of all) state.record('', count.ask(path), null);
  count.looks = 0;
  for (const path of all) state.expire([predict(stat(path), file), predict(sha256(path), 'a')], []);
  expect(all.filter((path) => state.answer('', count.ask(path)) !== undefined)).toEqual([]);
  expect(count.looks).toBeLessThan(10 * all.length);
});

test('and so are files of a tree that are replaced: no link comes or goes there', () => {
  const count = counted();
  const state = new HostState();
  const all = Array.from({ length: 1000 }, (_, n) => `/srv/file${n}`);
  for (const path of all) {
    state.record('root', stat(path), file);
    state.record('root', count.ask(path), null);
  }
  state.record('root', sameFile('/srv/other', '/srv/file7'), false);
  count.looks = 0;
  const replaced = (path: string) => [predict(stat(path), file), predict(linkTarget(path), null)];
  for (const path of all) state.expire(replaced(path), []);
  expect(all.filter((path) => state.answer('root', count.ask(path)) !== undefined)).toEqual([]);
  expect(state.answer('root', sameFile('/srv/other', '/srv/file7'))).toBeUndefined();
  expect(count.looks).toBeLessThan(10 * all.length);
});

test('where a folder or a link gives way to something else, all that was reached through it is in doubt', () => {
  for (const at of [
    { ...file, type: 'directory' },
    { ...file, type: 'link' },
  ] as const) {
    const state = new HostState();
    state.record('root', stat('/srv/a'), at);
    state.record('root', stat('/srv/a/deep/x'), file);
    state.expire([predict(stat('/srv/a'), file), predict(linkTarget('/srv/a'), null)], []);
    expect(state.answer('root', stat('/srv/a/deep/x'))).toBeUndefined();
  }
});

test('and so are their proofs', () => {
  const count = counted();
  const state = new HostState();
  const change = (path: string): PendingChange =>
    ({
      place: { account: '' },
      plan: { after: [predict(stat(path), file)], touches: [] },
      read: [count.ask(path), self],
    }) as unknown as PendingChange;
  const changes = Array.from({ length: 1000 }, (_, n) => change(`/srv/file${n}`));
  expect(cutForProofs(changes, state)).toHaveLength(1);
  expect(count.looks).toBeLessThan(10 * changes.length);
  // The second change of a file spoils the proof of the first.
  expect(cutForProofs([...changes, change('/srv/file7')], state).map((one) => one.proofs.length)).toEqual([2, 0]);
});

test.each([
  ['daemon', '0700', true],
  ['daemon', '0755', false],
  ['root', '0700', false],
])('what %s saw below a folder that was 0755 is asked anew once it is %s: %s', (account, mode, isInDoubt) => {
  const folder = (one: string): PathState => ({ ...file, type: 'directory', mode: one });
  const state = new HostState();
  state.record('root', stat('/srv/a'), folder('0755'));
  state.record(account, stat('/srv/a/deep/x'), { type: 'absent' });
  state.expire([predict(stat('/srv/a'), folder(mode))], []);
  expect(state.answer(account, stat('/srv/a/deep/x')) === undefined).toBe(isInDoubt);
});
