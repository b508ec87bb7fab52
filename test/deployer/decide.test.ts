import { expect, test } from 'vitest';
import type { Available } from '../../src/deployer/available.ts';
import { decide, type DeployRequest } from '../../src/deployer/decide.ts';
import type { Installed } from '../../src/deployer/installed.ts';
import { promotionOf } from '../../src/deployer/promotion.ts';
import { standingOf, type PackageStanding } from '../../src/deployer/standing.ts';
import { renderTable, serviceNotes } from '../../src/deployer/table.ts';
import { PlayError } from '../../src/errors/index.ts';
import { makeStyle } from '../../src/report/index.ts';

/** What each host of each stage has: a version, null for nothing, undefined for a host that is not reached. */
type Versions = Readonly<Record<string, Readonly<Record<string, string | null | undefined>>>>;

const has = (version: string | null, more: Partial<Installed> = {}): Installed => ({
  version: version ?? undefined,
  broken: false,
  held: false,
  services: [],
  ...more,
});

function fleetOf(versions: Versions, more: Partial<Installed> = {}): ReturnType<typeof standingOf> {
  const stages = Object.entries(versions).map(([name, hosts]) => ({ name, hosts: Object.keys(hosts) }));
  const reports = Object.values(versions).flatMap((hosts) =>
    Object.entries(hosts).map(([host, version]) =>
      version === undefined
        ? { host, unreachable: new PlayError(`${host} is gone`) }
        : { host, packages: new Map([['app', has(version, more)]]), holds: [] },
    ),
  );
  return standingOf(stages, ['app'], reports);
}

const appIn = (versions: Versions): PackageStanding => fleetOf(versions).packages[0] ?? { name: '', stages: [] };
const plain = makeStyle(false);

test('the table holds each host against the newest of the stage before', () => {
  expect(renderTable(fleetOf({ test: { t: '1.10' }, hel: { h: '1.9' }, prod: { p: '1.9~rc1' } }), plain)).toEqual([
    'Package  test      hel      prod',
    'app      1.10  ►►  1.9  ►►  1.9~rc1',
  ]);
  expect(renderTable(fleetOf({ test: { t: '1.0' }, hel: { h: '1.0-0' }, prod: { p: '2.0' } }), plain)[1]).toBe(
    'app      1.0       1.0-0  ⚠   2.0',
  );
  expect(renderTable(fleetOf({ test: { t: '1.0' }, hel: { h: null }, prod: { p: undefined } }), plain)[1]).toBe(
    'app      1.0   ►►  not installed      unreachable',
  );
});

test('every host of a stage is shown, each with its own mark', () => {
  expect(
    renderTable(fleetOf({ test: { t: '2.0' }, prod: { p1: '1.0', p2: '2.0', p3: '3.0', p4: undefined } }), plain),
  ).toEqual([
    'Package  test         prod',
    'app      2.0 (t)  ►►  1.0 (p1)',
    '                      2.0 (p2)',
    '                  ⚠   3.0 (p3)',
    '                      unreachable (p4)',
  ]);
});

test('a due rollout is green, a newer one on the right red', () => {
  const colour = makeStyle(true);
  const text = renderTable(fleetOf({ test: { t: '2' }, hel: { h: '1' }, prod: { p: '3' } }), colour).join('\n');
  expect(text).toContain('\x1b[32m►►');
  expect(text).toContain('\x1b[31m⚠');
});

test('a service that still runs what was there before is told, and one that failed', () => {
  const services = [
    { unit: 'app.service', active: 'active', isOutdated: true },
    { unit: 'app-cron.service', active: 'failed', isOutdated: false },
  ];
  expect(serviceNotes(fleetOf({ test: { t: '1.0' } }, { services }), plain)).toEqual([
    'installed, not restarted  t  app 1.0: app.service still runs the old version; deployer restart app test',
    'service failed  t  app: app-cron.service',
  ]);
});

const three: Versions = { test: { t: '3' }, hel: { h: '2' }, prod: { p: '1' } };
const offer: Available = { candidate: '3', versions: ['3', '2', '1'], changelog: undefined, problem: undefined };
const request: DeployRequest = {
  name: 'app',
  stage: 'test',
  version: undefined,
  isNamed: false,
  allowDowngrade: false,
  skipStages: false,
  yes: false,
};

function decided(versions: Versions, own: Partial<DeployRequest>, own2: Partial<Available> = {}): string {
  const standing = appIn(versions);
  const all = { ...request, ...own };
  const targets = standing.stages.find((hosts) => hosts[0]?.stage === all.stage) ?? [];
  const { version, moves } = decide(
    all,
    standing,
    targets,
    new Map(targets.map(({ host }) => [host, { ...offer, ...own2 }])),
  );
  return `${version}: ${moves.map(({ host, kind }) => `${host} ${kind}`).join(', ')}`;
}

test.each([
  ['the newest goes to the first stage', { test: { t: '2' } }, {}, '3: t upgrade'],
  ['a package that is not there yet', { test: { t: null } }, {}, '3: t first'],
  ['what is there already', { test: { t: '3' } }, {}, '3: t none'],
  ['what the stage before runs', three, { stage: 'prod', version: '2', isNamed: true }, '2: p upgrade'],
  [
    'what the stage before is past',
    { test: { t: '3' }, prod: { p: '1' } },
    { stage: 'prod', version: '2', isNamed: true },
    '2: p upgrade',
  ],
  ['past the stages, when that is meant', three, { stage: 'prod', skipStages: true }, '3: p upgrade'],
  ['back, by its name and a question', three, { stage: 'hel', version: '1', isNamed: true }, '1: h downgrade'],
  [
    'back without a question, by the flag',
    three,
    { stage: 'hel', version: '1', isNamed: true, yes: true, allowDowngrade: true },
    '1: h downgrade',
  ],
  [
    'back, though the stage before is further back',
    { test: { t: '1' }, prod: { p: '3' } },
    { stage: 'prod', version: '2', isNamed: true },
    '2: p downgrade',
  ],
] as const)('%s', (_, versions, own, expected) => {
  expect(decided(versions, own)).toBe(expected);
});

test('what is half installed is installed again, or gone back from', () => {
  const { stages } = fleetOf({ test: { t: '2' } }, { broken: true }).packages[0] ?? { stages: [] };
  const kindOf = (version: string): string | undefined =>
    decide({ ...request, version, isNamed: true }, { name: 'app', stages }, stages[0] ?? [], new Map([['t', offer]]))
      .moves[0]?.kind;
  expect([kindOf('3'), kindOf('2'), kindOf('1')]).toEqual(['upgrade', 'repair', 'downgrade']);
});

test('what is half installed on a stage has not been there: the next one is neither due for it nor gets it', () => {
  const ok = appIn({ test: { t: '3' }, hel: { h: '2' } }).stages;
  const broken = fleetOf({ test: { t: '3' }, hel: { h: '2' } }, { broken: true }).packages[0]?.stages ?? [];
  const standing = { name: 'app', stages: [broken[0] ?? [], ok[1] ?? []] };
  expect(broken[1]?.[0]?.relation).toBe('unknown');
  for (const stage of [undefined, 'hel'])
    expect(() => promotionOf(standing, stage)).toThrow(/t of stage test has app 3 half installed/);
  expect(() => decide({ ...request, stage: 'hel' }, standing, ok[1] ?? [], new Map([['h', offer]]))).toThrow(
    /not been on stage test yet: t has 3 half installed/,
  );
});

test.each([
  ['past a stage', three, { stage: 'prod' }, {}, /app 3 has not been on stage hel yet: h runs 2/],
  [
    'past a stage that does not have it',
    { test: { t: null }, prod: { p: null } },
    { stage: 'prod' },
    {},
    /not been on stage test yet: t does not have app/,
  ],
  [
    'past a stage nobody knows',
    { test: { t: undefined }, prod: { p: '1' } },
    { stage: 'prod' },
    {},
    /t is not reached/,
  ],
  ['back by chance', { test: { t: '4' } }, {}, {}, /t runs app 4, which is newer than 3/],
  [
    'back by name, but nobody asked',
    three,
    { stage: 'hel', version: '1', isNamed: true, yes: true },
    {},
    /h runs app 2, which is newer than 1/,
  ],
  ['what no repository has', three, { version: '9', isNamed: true }, {}, /do not have app 9/],
  [
    'what no repository knows',
    three,
    {},
    { candidate: undefined, versions: [] },
    /No repository of t has the package app/,
  ],
  ['lists that cannot be fetched', three, {}, { problem: 'Failed to fetch' }, /t cannot fetch its package lists/],
] as const)('refused: %s', (_, versions, own, own2, expected) => {
  expect(() => decided(versions, own, own2)).toThrow(expected);
});

test.each([
  [
    'the first stage that is behind',
    { test: { t: '3' }, hel: { h: '3' }, prod: { p: '1' } },
    undefined,
    { stage: 'prod', version: '3' },
  ],
  ['one step at a time', three, undefined, { stage: 'hel', version: '3' }],
  ['the stage that is named', three, 'prod', { stage: 'prod', version: '2' }],
  ['a first installation', { test: { t: '3' }, hel: { h: null } }, undefined, { stage: 'hel', version: '3' }],
  ['nothing', { test: { t: '3' }, hel: { h: '3' } }, undefined, undefined],
] as const)('promote means: %s', (_, versions, stage, expected) => {
  expect(promotionOf(appIn(versions), stage)).toEqual(expected);
});

test.each([
  [
    'hosts that differ',
    { test: { t1: '3', t2: '2' }, hel: { h: '1' } },
    undefined,
    /different versions of app: t1 3, t2 2/,
  ],
  [
    'a host nobody knows',
    { test: { t: undefined }, hel: { h: '1' } },
    undefined,
    /What t of stage test runs of app is not known/,
  ],
  ['the first stage', three, 'test', /first stage/],
] as const)('promote refuses: %s', (_, versions, stage, expected) => {
  expect(() => promotionOf(appIn(versions), stage)).toThrow(expected);
});
