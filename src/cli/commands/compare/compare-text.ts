import { unifiedDiff, type Line, type Style } from '../../../report/index.ts';
import type { Comparison, Half, Row, Word } from './verdicts.ts';

const words: Readonly<Record<Word, string>> = {
  'changed': 'would change',
  'ok': 'is right',
  'skipped': 'skipped',
  'unknown': 'cannot tell',
  'failed': 'fails',
  'none': 'no task',
  'not reached': 'not reached',
};

/** What people are told of one host: a line where both agree, else a table. */
export function comparisonLines(
  { host, rows, both, only, tasks, stopped }: Comparison,
  style: Style,
  { diff, redact }: { readonly diff: boolean; readonly redact: (text: string) => string },
): Line[] {
  const ran = `${counted(tasks.ansible, 'task')} of Ansible, ${tasks.play} of play`;
  const same = both.length === 0 ? 'nothing to change' : `the same ${counted(both.length, 'change')}`;
  const differing = rows.filter(({ verdict }) => verdict !== 'unsure');
  const unsure = rows.filter(({ verdict }) => verdict === 'unsure');
  const stops = [
    ...(stopped.ansible === null ? [] : [`  Ansible stopped: ${stopped.ansible}`]),
    ...(stopped.play === null ? [] : [`  play stopped: ${stopped.play}`]),
  ].map(style.red);
  const alone = [...aloneLines('Ansible', only.ansible), ...aloneLines('play', only.play)].map(style.dim);
  if (rows.length === 0) {
    const line = `${style.bold(host)}  ${stops.length === 0 ? style.green('agree') : 'agree as far as they got'}: ${same} (${ran})`;
    return [line, ...stops, ...alone];
  }
  const verdict =
    differing.length > 0
      ? style.yellow(counted(differing.length, 'difference'))
      : stops.length > 0
        ? 'no difference as far as they got'
        : style.green('agree where both can tell');
  return [
    `${style.bold(host)}  ${verdict}${unsure.length === 0 ? '' : `, ${unsure.length} not comparable`}; ${same} (${ran})`,
    ...stops,
    ...table(differing, style, diff, redact),
    ...(unsure.length === 0 ? [] : [style.dim('  not comparable:'), ...table(unsure, style, diff, redact)]),
    ...alone,
  ];
}

/** Names that a line has of what only one side manages. */
const mostNamed = 5;

function aloneLines(tool: string, things: readonly string[]): string[] {
  if (things.length === 0) return [];
  const more = things.length > mostNamed ? `, and ${things.length - mostNamed} more (--output json has all)` : '';
  return [`  right, but only ${tool} has a task for it: ${things.slice(0, mostNamed).join(', ')}${more}`];
}

function table(rows: readonly Row[], style: Style, diff: boolean, redact: (text: string) => string): Line[] {
  if (rows.length === 0) return [];
  const width = (texts: readonly string[], most: number): number =>
    Math.min(most, Math.max(...texts.map((text) => text.length)));
  const cells = rows.map((row) => ({
    row,
    ansible: cellOf(row, row.ansible, 'one text'),
    play: cellOf(row, row.play, 'another'),
  }));
  const first = width(['what', ...rows.map(({ what }) => what)], 60);
  const second = width(['Ansible', ...cells.map(({ ansible }) => ansible)], 40);
  return [
    style.dim(`  ${'what'.padEnd(first)}  ${'Ansible'.padEnd(second)}  play`),
    ...cells.flatMap(({ row, ansible, play }) => [
      `  ${row.what.padEnd(first)}  ${ansible.padEnd(second)}  ${play}`,
      ...speakersOf('Ansible', row.ansible).map(style.dim),
      ...speakersOf('play', row.play).map(style.dim),
      ...(diff ? diffLines(row, redact) : []),
    ]),
  ];
}

function cellOf({ verdict }: Row, { says }: Half, text: string): string {
  return verdict === 'text' ? text : words[says];
}

function speakersOf(tool: string, { speakers, why }: Half): string[] {
  const [one, ...others] = speakers;
  if (one === undefined) return [];
  const more = others.length === 0 ? '' : ` and ${counted(others.length, 'other')}`;
  const place = one.where === null ? '' : ` (${one.where})`;
  return [`      ${tool}: ${one.task}${place}${more}${why === '' ? '' : `: ${why}`}`];
}

/** From what Ansible would write to what play would. */
function diffLines({ what, verdict, ansible, play }: Row, redact: (text: string) => string): string[] {
  if (verdict !== 'text' || ansible.after === undefined || play.after === undefined) return [];
  const sides = { before: Buffer.from(ansible.after), after: Buffer.from(play.after) };
  const text = unifiedDiff({ path: what.replace(/^path /, ''), ...sides }, redact);
  return text
    .replace(/^--- (\S+)\tbefore$/m, '--- $1\tAnsible')
    .replace(/^\+\+\+ (\S+)\tafter$/m, '+++ $1\tplay')
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The same for programs; texts of files stay out of it. */
export function comparisonData({ host, rows, both, only, tasks, stopped }: Comparison): object {
  const half = ({ says, why, speakers }: Half): object => ({ says, why: why === '' ? null : why, tasks: speakers });
  return {
    host,
    agree: rows.every(({ verdict }) => verdict === 'unsure') && stopped.ansible === null && stopped.play === null,
    rows: rows.map(({ what, verdict, ansible, play }) => ({
      what,
      verdict,
      ansible: half(ansible),
      play: half(play),
    })),
    both,
    only,
    tasks,
    stopped,
  };
}
