// `npm run truth`: random plays over random hosts, until the time is over; those whose prediction does not come true
// are made small and printed.
//
//   npm run truth                              ten minutes, a random seed
//   npm run truth -- --minutes 60 --seed 7
//   npm run truth -- --seed 7 --rounds 1       one round again
//   npm run truth -- --seeds 7,12,30           those again
//   npm run truth -- --theme accounts          of one theme only
//   npm run truth -- --jobs 4                  on four hosts at once; default: as many as there are processors
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    rounds: { type: 'string' },
    theme: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    log: { type: 'string' },
  },
});
const env = { ...process.env, TRUTH_MINUTES: values.minutes };
for (const name of ['seed', 'seeds', 'rounds', 'theme', 'jobs', 'log'])
  if (values[name] !== undefined) env[`TRUTH_${name.toUpperCase()}`] = values[name];
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode =
  spawnSync(process.execPath, [vitest, 'run', 'test/truth/truth.test.ts'], { cwd: root, stdio: 'inherit', env })
    .status ?? 1;
