import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pruneRecords, recordIds } from '../../src/operator/prune-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('records');

test('kept are the last 1,000 runs, all of the last 90 days, and what is no record', () => {
  const id = (number: number, day: string): string => `${day}T000000.${String(number).padStart(3, '0')}Z-abcdef`;
  const old = Array.from({ length: 400 }, (_, i) => id(i, '20250101'));
  const recent = Array.from({ length: 700 }, (_, i) => id(i, '20260101'));
  for (const name of [...old, ...recent]) writeFileSync(join(folder, `${name}.jsonl`), '');
  writeFileSync(join(folder, '20200101-notes.txt'), '');
  pruneRecords(folder, new Date('2026-01-02T00:00:00Z'));
  expect(recordIds(folder)).toEqual([...old.slice(-300), ...recent]);
  for (let i = 0; i < 500; i++) writeFileSync(join(folder, `${id(i, '20260301')}.jsonl`), '');
  pruneRecords(folder, new Date('2026-03-02T00:00:00Z'));
  expect(recordIds(folder)).toHaveLength(1200);
  pruneRecords(join(folder, 'none'));
});
