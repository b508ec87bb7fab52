import { saidLines } from './shown.ts';
import type { Style } from './style.ts';

/** One line of a run's record; its content depends on `event`, and on the version of play that wrote it. */
export type RecordEntry = Readonly<Record<string, unknown>>;

/** A record's lines. A line cut short, by a full disk or a killed run, is left out. */
export function readEntries(text: string): RecordEntry[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = line === '' ? undefined : JSON.parse(line);
      return typeof value === 'object' && value !== null ? [{ ...value }] : [];
    } catch {
      return [];
    }
  });
}

/** A run in one line. @example 20261122T104429.310Z-9d4d99  10:44:29  exit 0    8.1 s  2 changed  play site -l web1 */
export function recordSummary(entries: readonly RecordEntry[], style: Style): string {
  const start = entryOf(entries, 'start');
  const counts = changedAndFailed(entries);
  const news = [
    counts.changed > 0 ? style.yellow(`${counts.changed} ${start['check'] === true ? 'would change' : 'changed'}`) : '',
    counts.failed > 0 ? style.red(`${counts.failed} failed`) : '',
  ];
  return [text(start['id']), localTime(start['started']), endText(entries, style), ...news, text(start['command'])]
    .filter((part) => part !== '')
    .join('  ');
}

/** A run with everything that is kept of it. */
export function recordDetails(entries: readonly RecordEntry[], style: Style): string[] {
  const start = entryOf(entries, 'start');
  const git = entryOf(entries, 'git');
  const commit =
    'commit' in git
      ? `${text(git['commit']).slice(0, 12)}${git['dirty'] === true ? ' and uncommitted changes' : ''}`
      : 'none known';
  const hosts = textsOf(start['hosts']);
  return [
    style.bold(text(start['command'])),
    `  run     ${text(start['id'])}${start['check'] === true ? ' (check mode)' : ''}`,
    `  by      ${text(start['user'])}@${text(start['machine'])} in ${text(start['cwd'])}`,
    `  at      ${localTime(start['started'])}`,
    `  commit  ${commit}`,
    `  hosts   ${hosts.length === 0 ? 'none' : hosts.join(', ')}`,
    `  end     ${endText(entries, style)}`,
    ...entries.flatMap((entry) => entryLines(entry, entries, style)),
  ];
}

function entryLines(entry: RecordEntry, all: readonly RecordEntry[], style: Style): string[] {
  const isCheck = entryOf(all, 'start')['check'] === true;
  const host = text(entry['host']);
  switch (entry['event']) {
    case 'task':
    case 'handler': {
      // Kept for what it rests on, and nothing to show.
      if (entry['may'] === null && ['ok', 'skipped'].includes(text(entry['status']))) return [];
      const name = entry['role'] === null ? text(entry['task']) : `${text(entry['role'])} : ${text(entry['task'])}`;
      const status = isCheck && entry['status'] === 'changed' ? 'would change' : text(entry['status']);
      const word =
        entry['may'] !== null && entry['gate'] !== undefined
          ? style.cyan('not known')
          : entry['may'] === null
            ? status === 'failed'
              ? style.red(status)
              : style.yellow(status)
            : style.yellow('may change');
      return [
        `${word}  ${host}  ${name}${entry['event'] === 'handler' ? ' (handler)' : ''}`,
        ...(text(entry['held']) === '' ? [] : [`    ${text(entry['held'])}`]),
        ...listOf(entry['changes']).flatMap((change) => changeLines(change)),
        ...errorLines(entry['error']),
      ];
    }
    case 'unreachable':
    case 'host-failed':
      return [
        `${style.red(entry['event'])}  ${host}  ${text(entry['reason'])}`.trimEnd(),
        ...errorLines(entry['error']),
      ];
    case 'exit':
      return [`${entry['code'] === 0 ? style.green('exit 0') : style.red(`exit ${text(entry['code'])}`)}  ${host}`];
    case 'gone':
      return [`${style.yellow('gone')}  ${host}`, ...errorLines(entry['error'])];
    case 'held':
      return [`${style.yellow('held')}  ${host}  ${text(entry['text'])}`];
    case 'always':
      return entry['is'] === 'owed' && !all.some((one) => isDone(one, entry))
        ? [`${style.red('owed')}  ${host}  what a block always does: ${textsOf(entry['tasks']).join(', ')}`]
        : [];
    case 'rollout-stopped':
      return [
        `${style.red('stopped')}  roll-out of "${text(entry['play'])}": ${text(entry['why'])}`,
        ...(['goOn', 'goBack'] as const)
          .filter((key) => entry[key] !== null)
          .map((key) => `    ${key === 'goOn' ? 'go on   ' : 'go back '} ${text(entry[key])}`),
      ];
    case 'notice':
      return [`${style.cyan('note')}  ${host}  ${text(entry['text'])}`];
    default:
      return [];
  }
}

/** Whether this entry says that what the other one owes was done. */
function isDone(entry: RecordEntry, owed: RecordEntry): boolean {
  return (
    entry['event'] === 'always' &&
    entry['is'] === 'done' &&
    entry['host'] === owed['host'] &&
    entry['block'] === owed['block']
  );
}

function changeLines(change: RecordEntry): string[] {
  const [from, to] = [text(change['from']), text(change['to'])];
  const line = `    ${text(change['what'])}${from === '' && to === '' ? '' : ` ${from === '' ? '' : `${from} `}-> ${to}`}`;
  return [
    line,
    ...text(change['diff'])
      .split('\n')
      .filter((one) => one !== ''),
  ];
}

function errorLines(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { what, stderr, at, services } = error as RecordEntry;
  const served = listOf(services).map(
    (one) => `service ${text(one['name'])}: owner ${text(one['owner'])}. If it breaks: ${text(one['ifItBreaks'])}`,
  );
  return [text(what), text(at) === '' ? '' : `at ${text(at)}`, text(stderr), ...served]
    .filter((part) => part.trim() !== '')
    .flatMap((part) =>
      part
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`),
    );
}

function changedAndFailed(entries: readonly RecordEntry[]): { changed: number; failed: number } {
  const changed = entries.filter(({ status }) => status === 'changed').length;
  const failed = entries.filter(
    ({ event, status, code }) =>
      status === 'failed' || event === 'unreachable' || event === 'host-failed' || (event === 'exit' && code !== 0),
  ).length;
  return { changed, failed };
}

function endText(entries: readonly RecordEntry[], style: Style): string {
  const end = entryOf(entries, 'end');
  if (typeof end['exit'] !== 'number') return style.red('no end: killed, or still running');
  const word = `exit ${end['exit']}`;
  return `${end['exit'] === 0 ? style.green(word) : style.red(word)}  ${typeof end['seconds'] === 'number' ? `${end['seconds'].toFixed(1)} s` : ''}`;
}

function entryOf(entries: readonly RecordEntry[], event: string): RecordEntry {
  return entries.find((entry) => entry['event'] === event) ?? {};
}

function listOf(value: unknown): RecordEntry[] {
  return Array.isArray(value) ? value.filter((one): one is RecordEntry => typeof one === 'object' && one !== null) : [];
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

/** Texts from hosts and people must not move the reader's cursor. */
function text(value: unknown): string {
  return typeof value === 'string' ? saidLines(value) : typeof value === 'number' ? String(value) : '';
}

/** A time as `2026-11-29 02:10:04`, by the clock on the wall of who reads it; anything else as it is. */
export function localTime(value: unknown): string {
  const time = new Date(text(value));
  if (Number.isNaN(time.getTime())) return text(value);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
