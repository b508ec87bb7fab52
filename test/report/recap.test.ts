import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HostCounts, RecapEvent } from '../../src/engine/index.ts';
import { ansibleRecap, compactRecap } from '../../src/report/recap.ts';
import { makeStyle } from '../../src/report/style.ts';
import { recapEvent } from './events.ts';

const counts = (part: Partial<HostCounts>): HostCounts => ({
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  ...part,
});
const recap = (part: Partial<RecapEvent>): RecapEvent => recapEvent({ seconds: 1.24, ...part });

const long = 'a-host-with-a-name-longer-than-26.example.org';

test("off a terminal the recap is ansible-playbook's own, byte for byte", ({ skip }) => {
  if (spawnSync('ansible-playbook', ['--version']).status !== 0) skip('ansible-playbook is not installed');
  const dir = mkdtempSync(join(tmpdir(), 'play-recap-'));
  try {
    writeFileSync(join(dir, 'hosts'), `b\n${long}\na\n`);
    writeFileSync(
      join(dir, 'p.yml'),
      `
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - {debug: {msg: x}, changed_when: true}
    - {debug: {msg: x}, when: inventory_hostname == 'a'}
    - {fail: {msg: x}, when: inventory_hostname == 'b'}
`,
    );
    const { stdout } = spawnSync('ansible-playbook', ['-i', join(dir, 'hosts'), join(dir, 'p.yml')], {
      encoding: 'utf8',
      env: { ...process.env, ANSIBLE_NOCOLOR: '1', ANSIBLE_COW_SELECTION: '', ANSIBLE_NOCOWS: '1' },
    });
    const theirs = stdout.slice(stdout.indexOf('\nPLAY RECAP'));
    const ours = ansibleRecap(
      recap({
        hosts: {
          b: counts({ ok: 1, changed: 1, failed: 1, skipped: 1 }),
          [long]: counts({ ok: 1, changed: 1, skipped: 2 }),
          a: counts({ ok: 2, changed: 1, skipped: 1 }),
        },
      }),
    );
    expect(ours).toBe(theirs);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('what is uncertain is counted below', () => {
  const text = ansibleRecap(recap({ hosts: { a: counts({ ok: 3 }) }, assumed: { a: 2 }, may: { a: 1 }, check: true }));
  expect(text).toMatch(/ignored=0 {3}\n\na: 2 tasks rest on an assumption, 1 task may change \(reasons above\)\n$/);
});

test('on a terminal hosts that are right are one line', () => {
  const style = makeStyle(false);
  const hosts = {
    a: counts({ ok: 3 }),
    b: counts({ ok: 3 }),
    web: counts({ ok: 3, changed: 1 }),
    db: counts({ unreachable: 1 }),
  };
  expect(compactRecap(recap({ hosts, check: true }), style)).toBe(
    '\ndb   unreachable\nweb  1 would change, 2 right\n2 hosts are right\n1.2 s\n',
  );
  expect(compactRecap(recap({ hosts: { a: counts({ ok: 3 }) } }), style)).toBe(
    '\na is right: nothing changed\n1.2 s\n',
  );
});
