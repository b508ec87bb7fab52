/** What planned changes make of paths, as plans ask for it. */
import { expect, test } from 'vitest';
import { predict, type PathState, type ProbeKind, type Stat } from '../../src/contract/index.ts';
import { Future } from '../../src/engine/future.ts';
import { dependsOn } from '../../src/engine/subjects.ts';
import { accountTable, content, fileCapabilities, sameFile, stat } from '../../src/probes/index.ts';
import { postgresqlRoles, usualLogin } from '../../src/resources/postgresql/postgresql.probe.ts';

const file: PathState = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 };

test.each([
  ['/', ['/a', '/srv/b', '/srv/sub/c']],
  ['/srv', ['/srv/b', '/srv/sub/c']],
  ['/srv/sub', ['/srv/sub/c']],
  ['/sr', []],
])('what is planned below %s', (folder, paths) => {
  const future = new Future({ linkAt: () => null, stat: () => undefined, binds: () => [] });
  future.foresee(['/a', '/srv/b', '/srv/sub/c'].map((path) => predict(stat(path), file)));
  expect(future.below(folder).map(({ path }) => path)).toEqual(paths);
});

test('while nothing is planned, no link is looked at to tell what a plan makes of an answer', () => {
  let looks = 0;
  const future = new Future({ linkAt: () => (looks++, null), stat: () => undefined, binds: () => [] });
  expect(future.isRewritten(accountTable)).toBe(false);
  expect(future.throughLinks(stat('/srv/a'))).toEqual(stat('/srv/a'));
  expect(future.planned(stat('/srv/a'))).toBeUndefined();
  expect(looks).toBe(0);
  future.foresee([predict(content('/etc/passwd'), { bytes: Buffer.from('') })]);
  expect(future.isRewritten(accountTable)).toBe(true);
  expect(looks).toBeGreaterThan(0);
});

test.each([
  ['postgresql.service', true],
  ['postgresql@15-main.service', true],
  ['postgresqld@15.service', false],
  ['mariadb.service', false],
])('what PostgreSQL answered before a change of %s is asked anew: %s', (unit, isInDoubt) => {
  expect(dependsOn(postgresqlRoles(usualLogin), [{ on: 'unit', unit }])).toBe(isInDoubt);
});

test('a thousand new files are each placed without a look at all the others', () => {
  let looks = 0;
  const kind: ProbeKind<Stat> = {
    ...stat('/').kind,
    depends: ([path = '']) => {
      looks++;
      return [{ on: 'path', path }];
    },
  };
  const paths = Array.from({ length: 1000 }, (_, n) => `/srv/part${n % 10}/file${n}`);
  const gone: Stat = { type: 'absent' };
  const future = new Future({ linkAt: () => null, stat: () => gone, binds: () => [] });
  for (const path of paths) future.foresee([predict({ kind, args: [path] }, file)]);
  expect(future.below('/srv/part7')).toHaveLength(100);
  expect(looks).toBeLessThan(50 * paths.length);
  // What takes the place of a folder still takes along what was planned in it.
  future.foresee([predict({ kind, args: ['/srv/part7'] }, file)]);
  expect(future.below('/srv/part7')).toEqual([]);
});

test('a name that becomes that of another file has nothing of the one it was of', () => {
  const other: PathState = { ...file, identity: '1:1' };
  const future = new Future({
    linkAt: () => null,
    stat: (path) => (path === '/f' ? other : { type: 'absent' }),
    binds: () => [],
  });
  future.foresee([predict(stat('/g'), file), predict(content('/g'), { bytes: Buffer.from('one') })]);
  future.foresee([predict(stat('/g'), other), predict(stat('/f'), other), predict(sameFile('/g', '/f'), true)]);
  expect(future.planned(content('/f'))).toBeUndefined();
  expect(future.planned(content('/g'))).toBeUndefined();
});

test('what is planned of a file under one name is so under the others', () => {
  const both: PathState = { ...file, identity: '1:1', hasOtherNames: true };
  const future = new Future({ linkAt: () => null, stat: () => both, binds: () => [] });
  const foresee = (path: string, text: string): void => future.foresee([predict(fileCapabilities(path), { text })]);
  foresee('/f', 'cap_chown=ep');
  foresee('/h', 'cap_kill=ep');
  expect(future.planned(fileCapabilities('/f'))?.answer).toEqual({ text: 'cap_kill=ep' });
  future.foresee([predict(stat('/f'), { ...both, mode: '0600' })]);
  expect(future.planned(fileCapabilities('/i'))?.answer).toEqual({ text: 'cap_kill=ep' });
});
