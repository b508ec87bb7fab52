// `npm run migration`: an Ansible repository of our own (test/migration/repository), run by `ansible-playbook` on throwaway
// hosts, and its import by play on others; then what became of the hosts is compared. Its last lines are the times of both.
//
//   npm run migration
//   npm run migration -- --tags base,cron     only some of its roles, by both
//   npm run migration -- --keep               leaves hosts and the import there, to look into
//
// Needs root and ansible-core; modules of collections come from Debian's package `ansible`, unpacked aside.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { values } = parseArgs({ options: { tags: { type: 'string' }, keep: { type: 'boolean', default: false } } });
const env = { ...process.env, MIGRATION: 'whole' };
if (values.tags !== undefined) env.MIGRATION_TAGS = values.tags;
if (values.keep) env.PLAY_TEST_KEEP = '1';
// A run of either tool is one test: on a busy machine it takes an hour.
const limits = ['--testTimeout=7200000', '--hookTimeout=7200000'];
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode =
  spawnSync(process.execPath, [vitest, 'run', 'test/migration/migration.test.ts', ...limits], {
    cwd: root,
    stdio: 'inherit',
    env,
  }).status ?? 1;
