/** Runs round after round and tells what is found, each made small. */
import { appendFileSync } from 'node:fs';
import { makeRound } from './generator.ts';
import type { TruthHost } from './host.ts';
import { minimise } from './minimise.ts';
import { judgeRound, kindOf } from './oracle.ts';
import { printRound } from './print-play.ts';

export interface SearchLimits {
  /** The seeds of the rounds. */
  readonly seeds: Iterable<number>;
  /** The folder of `buildSources`. */
  readonly sources: string;
  /** Rounds of this theme only. */
  readonly theme?: string | undefined;
  /** When to stop; default when the seeds are used up. */
  readonly seconds?: number;
  /** Seconds to make one failing round smaller; default 30. */
  readonly patience?: number;
}

export interface Search {
  readonly rounds: number;
  readonly failing: readonly number[];
  readonly tasks: number;
  readonly marked: number;
  readonly summary: string;
}

/** @param hosts each has a round of its own meanwhile */
export async function search(
  hosts: readonly TruthHost[],
  { seeds, sources, theme, seconds = Infinity, patience = 30 }: SearchLimits,
): Promise<Search> {
  const until = Date.now() + seconds * 1000;
  const left = seeds[Symbol.iterator]();
  const kinds = new Map<string, number>();
  const sum = { rounds: 0, tasks: 0, marked: 0 };
  const failing: number[] = [];
  const searchOn = async (host: TruthHost): Promise<void> => {
    for (let next = left.next(); !next.done && Date.now() <= until; next = left.next()) await judge(host, next.value);
  };
  const judge = async (host: TruthHost, seed: number): Promise<void> => {
    const round = makeRound(seed, sources, theme);
    const verdict = await judgeRound(host, round);
    sum.rounds++;
    sum.tasks += verdict.tasks;
    sum.marked += verdict.marked;
    if (sum.rounds % 20 === 0) tell(`  ${sum.rounds} rounds, ${failing.length} wrong`);
    if (!verdict.finding) return;
    failing.push(seed);
    const kind = kindOf(verdict.finding);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    // The same once more need not be made small.
    if ((kinds.get(kind) ?? 0) > 1) return;
    const small = await minimise(
      { round, finding: verdict.finding },
      async (one) => (await judgeRound(host, one, verdict.finding?.turn === 1 ? 1 : 2)).finding,
      Date.now() + patience * 1000,
    );
    tell(
      [
        `--- ${small.finding.law}${small.finding.task === '' ? '' : `: ${small.finding.task}`}${small.finding.turn > 1 ? ', in the second run' : ''} (npm run truth -- ${theme === undefined ? '' : `--theme ${theme} `}--seed ${seed} --rounds 1)`,
        printRound(small.round),
        ...small.finding.details,
        '',
      ].join('\n'),
    );
  };
  await Promise.all(hosts.map(searchOn));
  const share = ((100 * sum.marked) / Math.max(1, sum.tasks)).toFixed(1);
  const summary = `${sum.rounds} rounds, ${sum.tasks} tasks, ${failing.length} wrong, ${share} % marked`;
  if (kinds.size > 0)
    tell(
      `${[...kinds]
        .sort(([, a], [, b]) => b - a)
        .map(([kind, count]) => `${String(count).padStart(4)}  ${kind}`)
        .join('\n')}\n`,
    );
  tell(summary);
  return { ...sum, failing, summary };
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
  const log = process.env['TRUTH_LOG'];
  if (log !== undefined) appendFileSync(log, `${text}\n`);
}
