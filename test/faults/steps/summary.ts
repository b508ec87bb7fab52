/** What the faults came to, as a table. */
import type { Tried } from './job.ts';

export function summarise(tried: readonly Tried[]): string {
  const struck = tried.filter((one) => one.struck);
  const jobs = [...new Set(struck.map(({ job }) => job))].sort();
  const kinds = [...new Set(struck.map(({ kind }) => kind))].sort();
  const cell = (some: readonly Tried[]): string => {
    const wrong = some.filter((one) => one.wrong.length > 0).length;
    return wrong === 0 ? String(some.length) : `${some.length} (${wrong} wrong)`;
  };
  const row = (name: string, some: readonly Tried[]): string =>
    `| ${[name, ...jobs.map((job) => cell(some.filter((one) => one.job === job))), cell(some)].join(' | ')} |`;
  const requests = jobs.map(
    (job) => new Set(struck.filter((one) => one.job === job).map(({ request }) => request)).size,
  );
  const seconds = struck.map((one) => one.seconds).sort((a, b) => a - b);
  return [
    `| fault | ${jobs.join(' | ')} | all |`,
    `| --- |${' --- |'.repeat(jobs.length + 1)}`,
    ...kinds.map((kind) =>
      row(
        kind,
        struck.filter((one) => one.kind === kind),
      ),
    ),
    row('all', struck),
    `| different requests | ${[...requests, requests.reduce((sum, n) => sum + n, 0)].join(' | ')} |`,
    '',
    `${struck.length} faults, ${tried.filter(({ wrong }) => wrong.length > 0).length} wrong; ${tried.filter((one) => !one.struck && one.nth >= 0).length} runs had no such request; ${(seconds[Math.floor(seconds.length / 2)] ?? 0).toFixed(1)} s a fault (median)`,
  ].join('\n');
}
