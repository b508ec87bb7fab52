import type { HostCounts, RecapEvent } from '../engine/index.ts';
import { hostsText } from './host-names.ts';
import type { Style } from './style.ts';

const columns = [
  'ok',
  'changed',
  'unreachable',
  'failed',
  'skipped',
  'rescued',
  'ignored',
] as const satisfies readonly (keyof HostCounts)[];

/** Ansible's recap to the letter (callback/default.py, 80 columns as it takes them off a terminal): people grep it. */
export function ansibleRecap(recap: RecapEvent): string {
  const title = 'PLAY RECAP';
  const lines = [`\n${title} ${'*'.repeat(79 - title.length)}`];
  for (const [host, counts] of sorted(recap)) {
    const held = recap.held[host] === undefined ? '' : ` held=${recap.held[host]}`;
    const gone = recap.gone.includes(host) ? ' gone=1' : '';
    lines.push(
      `${host.padEnd(26)} : ${columns.map((name) => `${name}=${String(counts[name]).padEnd(4)}`).join(' ')}${held}${gone}`,
    );
  }
  return `${[...lines, '', ...uncertain(recap)].join('\n')}\n`;
}

/** For a terminal: only hosts with news, then one line for all. */
export function compactRecap(recap: RecapEvent, style: Style): string {
  const all = sorted(recap);
  const news = all.filter(
    ([host, counts]) =>
      counts.changed + counts.failed + counts.unreachable + counts.ignored + counts.rescued > 0 ||
      recap.held[host] !== undefined ||
      recap.gone.includes(host),
  );
  const rows = news.map(([host, counts]) => [host, partsOf(host, counts, recap, style)] as const);
  const lines = table(news.length > mostRows ? joined(rows, Object.keys(recap.hosts)) : rows);
  const right = all.length - news.length;
  if (right > 0)
    lines.push(
      style.green(
        right === 1
          ? `${quietHost(all, news)} is right: nothing ${recap.check ? 'would change' : 'changed'}`
          : `${right} hosts are right`,
      ),
    );
  lines.push(...uncertain(recap).map(style.yellow), style.dim(`${recap.seconds.toFixed(1)} s`));
  return `\n${lines.join('\n')}\n`;
}

/** More hosts than this are told of together where they came to the same. */
const mostRows = 8;

function partsOf(host: string, counts: HostCounts, recap: RecapEvent, style: Style): string {
  const changedWord = recap.check ? 'would change' : 'changed';
  return [
    counts.unreachable > 0 ? style.red('unreachable') : '',
    recap.gone.includes(host) ? style.yellow('gone') : '',
    counts.failed > 0 ? style.red(`${counts.failed} failed`) : '',
    recap.held[host] === undefined ? '' : style.yellow(`${recap.held[host]} held`),
    counts.changed > 0 ? style.yellow(`${counts.changed} ${changedWord}`) : '',
    counts.ok - counts.changed > 0 ? style.green(`${counts.ok - counts.changed} right`) : '',
    counts.skipped > 0 ? style.dim(`${counts.skipped} skipped`) : '',
    counts.rescued > 0 ? `${counts.rescued} rescued` : '',
    counts.ignored > 0 ? `${counts.ignored} ignored` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Hosts with the same text beside them in one row. */
function joined(rows: readonly (readonly [string, string])[], all: readonly string[]): (readonly [string, string])[] {
  const groups = new Map<string, string[]>();
  for (const [host, text] of rows) groups.set(text, [...(groups.get(text) ?? []), host]);
  return [...groups].map(([text, hosts]) => [hostsText(inOrder(hosts), all), text]);
}

/** `web2` before `web10`. Made when it is needed: it would take a twentieth of a start. */
function inOrder(hosts: readonly string[]): string[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...hosts].sort(compare);
}

/** The longest name that others are lined up behind. */
const widest = 40;

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length).filter((length) => length <= widest));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

function quietHost(all: readonly [string, HostCounts][], news: readonly [string, HostCounts][]): string {
  return all.find((entry) => !news.includes(entry))?.[0] ?? '';
}

/** What the counts do not say: how much of this is uncertain. */
function uncertain(recap: RecapEvent): string[] {
  const rows = sorted(recap).flatMap(([host]) => {
    const assumed = recap.assumed[host] ?? 0;
    const may = recap.may[host] ?? 0;
    const parts = [
      assumed > 0 ? `${assumed} ${assumed === 1 ? 'task rests' : 'tasks rest'} on an assumption` : '',
      may > 0 ? `${may} ${may === 1 ? 'task' : 'tasks'} may change` : '',
    ].filter((part) => part !== '');
    return parts.length === 0 ? [] : [[host, `${parts.join(', ')} (reasons above)`] as const];
  });
  const all = Object.keys(recap.hosts);
  return (rows.length > mostRows ? joined(rows, all) : rows).map(([hosts, text]) => `${hosts}: ${text}`);
}

function sorted(recap: RecapEvent): [string, HostCounts][] {
  return Object.entries(recap.hosts).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
