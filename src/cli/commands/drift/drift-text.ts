import { timeText } from '../../../probes/index.ts';
import { said, type Style } from '../../../report/index.ts';
import type { Standing } from './memory.ts';

/** What people are told of one host and playbook; nothing where it is right, unless they ask for more. */
export function standingLines(standing: Standing, style: Style, verbosity: number): string[] {
  const { host, playbook, status, since, tasks, unknown, reason } = standing;
  if (status === 'same' && verbosity === 0) return [];
  const head = `${wordOf(status, style)}  ${host}  ${said(playbook)}`;
  const why = reason === null ? '' : `: ${said(reason)}`;
  const before = since === null ? '' : `  (differed since ${time(since)})`;
  switch (status) {
    case 'same':
      return [`${head}${unknown > 0 ? style.dim(`  ${unknown} tasks unknown`) : ''}`];
    case 'differs':
      return [
        `${head}  since ${time(since ?? standing.checked)}`,
        ...tasks.map(
          (one) =>
            `    ${said(one.role === null ? one.task : `${one.role} : ${one.task}`)}${style.dim(`  since ${time(one.since)}`)}`,
        ),
      ];
    default:
      return [`${head}${why}${before}`];
  }
}

function wordOf(status: Standing['status'], style: Style): string {
  switch (status) {
    case 'same':
      return style.green(status);
    case 'differs':
    case 'held':
    case 'gone':
      return style.yellow(status);
    case 'failed':
      return style.red('would fail');
    case 'unreachable':
      return style.red(status);
  }
}

/** All hosts in one line. @example 14 hosts, 3 playbooks: 2 differ, 1 held  (48.1 s) */
export function summaryLine(standings: readonly Standing[], playbooks: number, seconds: number): string {
  const hostsWith = (status: Standing['status']): number =>
    new Set(standings.filter((one) => one.status === status).map(({ host }) => host)).size;
  const hosts = new Set(standings.map(({ host }) => host)).size;
  const parts = [
    [hostsWith('differs'), 'differ'],
    [hostsWith('held'), 'held'],
    [hostsWith('failed'), 'would fail'],
    [hostsWith('unreachable'), 'unreachable'],
    [hostsWith('gone'), 'gone'],
  ] as const;
  const news = parts.flatMap(([count, word]) =>
    count === 0 ? [] : [`${count} ${count === 1 && word === 'differ' ? 'differs' : word}`],
  );
  const all = `${hosts} ${hosts === 1 ? 'host' : 'hosts'}, ${playbooks} ${playbooks === 1 ? 'playbook' : 'playbooks'}`;
  return `${all}: ${news.length === 0 ? 'nothing differs' : news.join(', ')}  (${seconds.toFixed(1)} s)`;
}

function time(iso: string): string {
  return timeText(Date.parse(iso) / 1000);
}
