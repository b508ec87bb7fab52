import { expect, test } from 'vitest';
import { summaryLines } from '../../src/cli/commands/patch/patch-summary.ts';
import type { PatchedHost } from '../../src/cli/commands/patch/patched.ts';
import { makeStyle } from '../../src/report/index.ts';

const none = { packages: [], keptBack: [], phased: [], held: [], notInstalled: [] };
const calm = { services: [], left: [], reboot: [] };
const host = (name: string, more: Partial<PatchedHost> = {}): PatchedHost => ({
  host: name,
  status: 'fine',
  upgrades: none,
  isUpgraded: false,
  outdated: calm,
  restarted: [],
  isRebooted: false,
  rebootedFor: [],
  ...more,
});
const openssl = ['libssl3', 'openssl'].map((name) => ({ name, from: '3.0.11', to: '3.0.14', isSecurity: true }));
const form = { style: makeStyle(false), check: false, isLong: false };

test('what is alike on many hosts is told once, what most have first', () => {
  const many = Array.from({ length: 212 }, (_, i) =>
    host(`web${i}`, {
      isUpgraded: true,
      upgrades: {
        ...none,
        packages: i === 0 ? [{ name: 'bash', from: null, to: '5', isSecurity: false }, ...openssl] : openssl,
      },
      outdated: { ...calm, reboot: i < 31 ? ['asked for by libc6'] : [] },
    }),
  );
  const others = [
    host('held1', { status: 'held', upgrades: undefined, outdated: undefined }),
    host('lost1', { status: 'unreachable', upgrades: undefined, outdated: undefined }),
    host('bad1', { status: 'failed', upgrades: { ...none, packages: openssl } }),
    host('right1'),
  ];
  expect(summaryLines([...many, ...others], form)).toEqual([
    'libssl3, openssl 3.0.11 -> 3.0.14 on 212 hosts',
    'bash 5 (new) on web0',
    'not upgraded   libssl3, openssl 3.0.11 -> 3.0.14 on bad1',
    'needs reboot   asked for by libc6 on 31 hosts',
    '216 hosts: 212 upgraded, 31 need a reboot, 1 held, 1 failed, 1 unreachable, 1 with nothing to do',
  ]);
});

test('check mode says what would be; a name that some host has is no mistake; words of hosts stay on their line', () => {
  const told = summaryLines(
    [
      host('a', {
        upgrades: {
          ...none,
          packages: [{ name: 'old', from: '1', to: null, isSecurity: false }],
          notInstalled: ['x', 'y'],
        },
        isUpgraded: true,
        restarted: ['app.service'],
        isRebooted: true,
        rebootedFor: ['asked for by libc6'],
      }),
      host('b', {
        upgrades: {
          ...none,
          notInstalled: ['y'],
          keptBack: [{ name: 'k', from: '1', to: '2', why: 'no\nok  b' }],
        },
      }),
    ],
    { ...form, check: true },
  );
  expect(told).toEqual([
    'old 1 (removed) on a',
    'kept back      k 1 -> 2 on b: no\\nok  b',
    'to restart     app.service on a',
    'to reboot      asked for by libc6 on a',
    'y is installed on none of these hosts',
    '2 hosts: 1 would be upgraded, 1 would be rebooted, 1 with nothing to do',
  ]);
});
