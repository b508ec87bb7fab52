/** What the commands for a fallback operator work out of times, without a host. */
import { describe, expect, test } from 'vitest';
import { findGaps } from '../../src/cli/commands/fallback/gaps-command.ts';
import { alertRules } from '../../src/cli/commands/fallback/job-metrics.ts';
import { stateOf } from '../../src/cli/commands/fallback/job-state.ts';
import { closedWindow } from '../../src/engine/index.ts';
import { cronSlots } from '../../src/formats/cron-slots.ts';
import { datedPath } from '../../src/formats/dated-path.ts';
import { serviceText } from '../../src/playbook/index.ts';
import { decodeCritical, type CriticalJob } from '../../src/probes/index.ts';
import { blocksOf } from '../runbooks/pages.ts';

const at = (text: string): number => Date.parse(`${text}Z`) / 1000;
const text = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : new Date(seconds * 1000).toISOString().slice(0, 16);

// 2026-11-29 is a Sunday.
test.each([
  ['5 * * * *', '2026-11-29T00:05', '2026-11-29T01:05'],
  ['@hourly', '2026-11-29T01:00', '2026-11-29T02:00'],
  ['*/20 8-18 * * mon-fri', '2026-11-27T18:40', '2026-11-30T08:00'],
  ['0 4 1 * *', '2026-11-01T04:00', '2026-12-01T04:00'],
  // Both restricted: either of them. `*/2` begins with a star, and does not restrict.
  ['0 4 1 * 0', '2026-11-22T04:00', '2026-11-29T04:00'],
  ['0 4 */2 * 1', '2026-11-23T04:00', '2026-12-07T04:00'],
  ['0 0 29 2 *', '2024-02-29T00:00', '2028-02-29T00:00'],
  ['0 0 * * 7', '2026-11-29T00:00', '2026-12-06T00:00'],
  ['0 0 30 2 *', undefined, undefined],
  ['0 0 * jan *', '2026-01-31T00:00', '2027-01-01T00:00'],
])('%s', (expression, before, after) => {
  const slots = cronSlots(expression);
  expect([text(slots?.before(at('2026-11-29T01:04'))), text(slots?.after(at('2026-11-29T01:04')))]).toEqual([
    before,
    after,
  ]);
});

test('what is at no time of the clock has no slots', () => {
  for (const none of ['@reboot', '', '1 2 3 4']) expect(cronSlots(none)).toBeUndefined();
});

describe('a path with a date in it', () => {
  test.each([
    ['/a/%Y-%m-%d-%H', 'hour', '/a/2026-11-29-05', '2026-11-29T05:00'],
    ['/a/%Y/%m/%Y%m%d.tar*', 'day', '/a/2026/11/20261129.tar.xz', '2026-11-29T00:00'],
    ['/a [x]/%Y.%j', 'day', '/a [x]/2026.333', '2026-11-29T00:00'],
    ['/a/%Y-%m', 'month', '/a/2026-11', '2026-11-01T00:00'],
    // The folder says another month than the file.
    ['/a/%m/%Y-%m-%d', 'day', '/a/10/2026-11-29', undefined],
    ['/a/100%%/%Y-%m-%d', 'day', '/a/100%/2026-11-29', '2026-11-29T00:00'],
    ['/a/%Y-%m-%d', 'day', '/a/2026-11-29.tmp', undefined],
  ])('%s', (pattern, step, path, time) => {
    const dated = datedPath(pattern);
    expect(dated?.step).toBe(step);
    expect(text(dated?.timeOf(path))).toBe(time);
  });

  test('without a whole date it is none', () => {
    for (const none of ['/a/%H', '/a/%Y', '/a/%d', '/a/%Y-%m-%H', '/a/%Y-%q-%d', '/a'])
      expect(datedPath(none), none).toBeUndefined();
  });
});

test('gaps: what is missing or empty between two ends', () => {
  const file = (time: string, isEmpty = false) => ({ path: '', time: at(time), written: 0, isEmpty });
  const files = [file('2026-11-29T00:00'), file('2026-11-29T01:00', true), file('2026-11-29T04:00')];
  const gaps = (since?: string, until?: string, every = 1): string[] =>
    findGaps(files, 'hour', { since: since ? at(since) : undefined, until: until ? at(until) : undefined, every }).map(
      ({ from, to, count }) => `${text(from)} ${text(to)} ${count}`,
    );
  expect(gaps()).toEqual(['2026-11-29T01:00 2026-11-29T03:00 3']);
  expect(gaps(undefined, undefined, 4)).toEqual([]);
  expect(gaps('2026-11-28T23:00', '2026-11-29T05:00')).toHaveLength(3);
  expect(() => gaps('1970-01-01T00:00')).not.toThrow();
});

const job = (more: Partial<CriticalJob>): CriticalJob => ({
  name: 'fetch',
  loses: 'votes',
  within: 1800,
  before: 600,
  after: 300,
  last: undefined,
  next: undefined,
  ...more,
});

test('the time in which nothing is changed: before a slot and behind it, of the job that takes longest', () => {
  const jobs = [job({ last: 0, next: 3600 }), job({ name: 'other', next: 3500, after: 900 })];
  expect(closedWindow(jobs, 299)?.until).toBe(300);
  expect(closedWindow(jobs, 300)).toBeUndefined();
  expect(closedWindow(jobs, 2899)).toBeUndefined();
  expect(closedWindow(jobs, 2900)?.job.name).toBe('other');
  expect(closedWindow(jobs, 3100)?.until).toBe(4400);
  expect(closedWindow([job({})], 100)).toBeUndefined();
});

test('how a job stands', () => {
  const slots = { last: 1000, next: 4600 };
  const timer = { ...slots, timer: 'fetch.timer' };
  const status = (one: CriticalJob, written: number | null | undefined, now: number): string =>
    stateOf(one, written, now, 0).status;
  expect(status(job(slots), null, 1100)).toBe('unknown');
  expect(status(job(slots), 1050, 1100)).toBe('ok');
  expect(status(job(slots), 900, 1100)).toBe('due');
  expect(status(job(slots), undefined, 2799)).toBe('due');
  expect(status(job(slots), undefined, 2800)).toBe('lost');
  expect(status(job({ ...timer, ended: { result: 'success', at: 1050 } }), null, 1100)).toBe('ok');
  expect(status(job({ ...timer, ended: { result: 'exit-code', at: 1050 } }), null, 1100)).toBe('failed');
  expect(status(job({ timer: 'fetch.timer' }), null, 1100)).toBe('waiting');
  // Somebody started it by hand before its first time.
  expect(status(job({ timer: 'fetch.timer' }), 1050, 1100)).toBe('ok');
  expect(stateOf(job(slots), 1050, 1100, 0).deadline).toBe(6400);
  expect(stateOf(job(slots), 900, 1100, 100).deadline).toBe(2700);
});

test('records that others wrote or that were cut short say nothing', () => {
  const lines = [
    '@clock 1000 1970 01 01 00 16 40',
    '@critical 0 {"name":"x","cron":"5 * * * *","loses":"y"',
    '@critical 0 null',
    '@critical',
  ];
  expect(decodeCritical(lines).jobs).toEqual([]);
  const odd = decodeCritical([...lines, '@critical 0 {"name":7,"cron":"5 * * * *","loses":null,"within":"z"}']);
  expect(odd.jobs).toMatchObject([{ name: '7', within: 0, last: 300, next: 3900 }]);
});

test('the page has the rules that --rules prints, and services are told in one line', () => {
  expect(blocksOf('docs/fallback-operator.md')).toContain(alertRules);
  expect(serviceText({ name: 'x', owner: 'y', ifItBreaks: 'runbook z' })).toBe(
    'x: priority normal, owner y. If it breaks: play runbook z',
  );
});
