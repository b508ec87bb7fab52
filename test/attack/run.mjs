// `npm run attack`: the long forms of what the suite does in few rounds, and what they came to.
//
//   npm run attack                             all of them: 200 races each, and so on (below)
//   npm run attack -- --kind race              one kind: race, hostile, fuzz
//   npm run attack -- --rounds 20              of each test; with --name only tests of that name
//   npm run attack -- --kind fuzz --seed 7     the same chances again
//
// Any test in test/attack/ and test/faults/swapped*.test.ts: test/support/attack.ts. The exit code is 1 when something
// was lost.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Rounds of each test, where nobody says how many. */
const usual = { RACE: 200, HOSTILE: 200, FUZZ: 100_000 };

const { values } = parseArgs({
  options: { kind: { type: 'string' }, rounds: { type: 'string' }, name: { type: 'string' }, seed: { type: 'string' } },
});
const kinds = Object.keys(usual).filter((kind) => values.kind === undefined || kind === values.kind.toUpperCase());
if (kinds.length === 0) {
  process.stderr.write(`There is no kind "${values.kind}": race, hostile, fuzz\n`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'play-attack-'));
const figures = join(folder, 'figures');
try {
  const env = { ...process.env, PLAY_ATTACK_FIGURES: figures };
  for (const kind of kinds) env[`PLAY_${kind}_ROUNDS`] = values.rounds ?? String(usual[kind]);
  if (values.seed !== undefined) env.PLAY_ATTACK_SEED = values.seed;
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', ...filesOf(kinds), ...(values.name === undefined ? [] : ['-t', values.name])],
    { cwd: root, stdio: 'inherit', env },
  );
  const told = existsSync(figures)
    ? readFileSync(figures, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
  process.stdout.write(`\n${table(told)}\n`);
  process.exitCode = status === 0 && told.length > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A test file says which kinds it has by asking for their rounds. */
function filesOf(wanted) {
  const below = (dir, fits) =>
    existsSync(join(root, dir))
      ? readdirSync(join(root, dir))
          .filter((name) => fits.test(name))
          .map((name) => join(dir, name))
      : [];
  const all = [...below('test/attack', /\.test\.ts$/), ...below('test/faults', /^swapped.*\.test\.ts$/)];
  return all.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return wanted.some((kind) => text.includes(`'${kind}'`) || (kind === 'RACE' && text.includes('useRaces')));
  });
}

function table(told) {
  const sum = (kind) => told.filter((one) => one.kind === kind);
  const lines = told.map(
    ({ kind, name, rounds, lost, note = '' }) =>
      `${kind.toLowerCase().padEnd(8)}${String(rounds).padStart(8)} rounds ${String(lost).padStart(5)} lost  ${name}${note === '' ? '' : ` (${note})`}`,
  );
  const totals = [...new Set(told.map((one) => one.kind))].map(
    (kind) =>
      `${kind.toLowerCase()}: ${sum(kind).reduce((n, one) => n + one.rounds, 0)} rounds, ${sum(kind).reduce((n, one) => n + one.lost, 0)} lost`,
  );
  return [...lines, '', ...totals].join('\n');
}
