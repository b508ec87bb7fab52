/** What a host has on record is read as it was written, under the very names that runs have. */
import { expect, test } from 'vitest';
import { inputBytes } from '../../src/connection/index.ts';
import { parseOwed, recordOwed, type Owed } from '../../src/engine/owed.ts';
import { runId } from '../../src/operator/run-record.ts';

const owed = {
  id: 'haproxy : transaction 0123456789ab',
  play: 'backend',
  host: 'web1',
  since: '2026-11-29T18:11:03.267Z',
  by: 'anna@laptop',
  playbook: 'playbooks/site.ts',
} satisfies Owed;

function readBack(one: Owed): unknown {
  const { stdin = Buffer.alloc(0) } = recordOwed([one]);
  const [file, line] = Buffer.from(inputBytes(stdin)).toString().split('\n');
  return parseOwed(`${file} ${line}`)[0];
}

test('a transaction is found again with what is to be put back', () => {
  const transaction = { name: 'haproxy', restores: [{ run: runId(new Date()), number: 3 }] };
  expect(readBack({ ...owed, transaction })).toMatchObject({ ...owed, transaction });
});

test.each(['..', '../x', '/etc', '', 'a/b', '.hidden'])('no run is called %j', (run) => {
  expect(readBack({ ...owed, transaction: { name: 'haproxy', restores: [{ run, number: 1 }] } })).not.toHaveProperty(
    'transaction',
  );
});
