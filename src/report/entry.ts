import type { ShownChange } from '../engine/index.ts';
import { changeWords, rawWords } from './change-words.ts';
import { failureLines, serviceLines } from './failure.ts';
import type { Entry, EntryHosts, Repeat } from './folding.ts';
import { hostsText, nameless } from './host-names.ts';
import type { ShownTaskEvent } from './masked.ts';
import { shortReason, type Reasons } from './reasons.ts';
import { asIs, moreFiles, shortDiff, type DiffLine } from './short-diff.ts';
import { Exact, said, saidLines, type Line } from './shown.ts';
import type { Style } from './style.ts';
import { indented, widthOf, wrapped } from './wrapped.ts';

export interface EntryOptions {
  readonly style: Style;
  readonly check: boolean;
  /** `full`: whole, however long they are. */
  readonly diff: boolean | 'full';
  readonly verbosity: number;
  /** Diffs are coloured, and their control characters written out. */
  readonly isTerminal: boolean;
  /** Characters of a line. */
  readonly width: () => number;
}

/** Changes that take more lines than this, one behind the other, get a line each: they are the steps of something. */
const mostJoined = 3;

/** How many lines of files that come or go as a whole one task shows. */
const mostOfWholeFiles = 60;

/** What stands below the first line of an entry, and beside it where there is room. */
interface Content {
  readonly beside: readonly string[];
  readonly below: readonly Line[];
  /** Of others it says the same, but for their own names in it. */
  readonly isNamed: boolean;
}

/** Finished tasks as entries of the report. */
export class TaskEntries {
  readonly #options: EntryOptions;
  readonly #reasons: Reasons;

  constructor(options: EntryOptions, reasons: Reasons) {
    this.#options = options;
    this.#reasons = reasons;
  }

  /** @returns undefined where there is nothing to say of it */
  of(event: ShownTaskEvent): Entry | undefined {
    const { verbosity, diff } = this.#options;
    const name = nameOf(event);
    const isRight = event.status === 'ok' || event.status === 'skipped';
    const isShown = !isRight || event.may !== null || event.message !== null || verbosity > 0;
    const sayer = this.#reasons.count(event, name);
    if (!isShown) return undefined;
    const beside = this.#beside(event, name);
    const below = this.#below(event, sayer);
    const diffs = diff === false ? [] : event.changes.map(({ text }) => text?.diff ?? null);
    const text = JSON.stringify([
      event.play,
      name,
      event.status,
      event.may,
      event.error,
      beside,
      below,
      diffs,
      event.assumed,
    ]);
    const common = diff === 'full' ? text : nameless(text, event.host);
    return {
      host: event.host,
      identity: common,
      word: this.#word(event),
      name,
      seconds: event.seconds,
      isUrgent: event.error !== null && !event.ignored && !event.rescued,
      lines: (of) => this.#lines(event, name, { beside, below, isNamed: common !== text }, of),
    };
  }

  /** The lines that tell of hosts that they came to the same as another did. */
  repeated(
    { hosts, all }: Pick<EntryHosts, 'hosts' | 'all'>,
    repeats: readonly Repeat[],
    before: readonly string[] | undefined,
  ): Line[] {
    const { width } = this.#options;
    const [first] = repeats;
    if (before && repeats.length > 1 && first !== undefined && repeats.every(({ word }) => word === first.word))
      return entryLines(
        first.word,
        { hosts, all },
        `the same ${repeats.length} as ${hostsText(before, all)}`,
        [],
        width(),
      );
    const lines: Line[] = [];
    for (let at = 0; at < repeats.length;) {
      const { word, on } = repeats[at] ?? { word: '', on: '' };
      const others = repeats.slice(at).findIndex((one) => one.word !== word || one.on !== on);
      const same = repeats.slice(at, others < 0 ? undefined : at + others);
      const reference = hosts.length === 1 && hosts[0] === on ? 'again:' : `as on ${on}:`;
      lines.push(...entryLines(word, { hosts, all }, reference, counted(same), width()));
      at += same.length;
    }
    return lines;
  }

  #lines(event: ShownTaskEvent, name: string, content: Content, { hosts, all, seconds }: EntryHosts): Line[] {
    const { style, verbosity, width } = this.#options;
    const time = verbosity > 1 ? style.dim(`  ${seconds.toFixed(2)} s`) : '';
    const marks = event.assumed.length > 0 && verbosity === 0 ? style.dim('  (assumed)') : '';
    const note =
      content.isNamed && hosts.length > 1
        ? [style.dim(`    (as on ${event.host}; the others have their own names in it)`)]
        : [];
    return [
      ...entryLines(this.#word(event), { hosts, all }, `${name}${time}${marks}`, content.beside, width(), true),
      ...note,
      ...content.below,
    ];
  }

  #beside({ changes, hidden }: ShownTaskEvent, name: string): string[] {
    const { verbosity, diff } = this.#options;
    if (hidden || verbosity > 0 || diff === 'full') return [];
    const isOneText = changes.filter(({ text }) => text !== undefined).length === 1;
    return changeWords(changes, (path) => (diff && isOneText) || name.includes(path)).map(said);
  }

  #below(event: ShownTaskEvent, sayer: string | undefined): Line[] {
    const { verbosity, style, diff } = this.#options;
    const lines: Line[] = [];
    if (event.may !== null) lines.push(...this.#may(event.may, event.gate !== undefined, sayer));
    if (verbosity > 0) for (const reason of event.assumed) lines.push(style.dim(`    assumed: ${saidLines(reason)}`));
    if (event.message !== null) lines.push(...indented(saidLines(event.message).trimEnd().split('\n')));
    if (verbosity > 0 && event.output) lines.push(...this.#output(event.output));
    if (event.hidden && event.status === 'changed') lines.push(style.dim('    (hidden: noLog)'));
    if (verbosity > 0 || diff === 'full') lines.push(...event.changes.flatMap((change) => this.#inFull(change)));
    else lines.push(...this.#shortDiffs(event.changes));
    if (event.error) {
      lines.push(...indented(failureLines(event.error, { style, hidden: event.hidden })));
      if (!event.ignored && !event.rescued) lines.push(...indented(serviceLines(event.error)));
    }
    return lines;
  }

  #may(reason: string, isGate: boolean, sayer: string | undefined): string[] {
    const { verbosity, width } = this.#options;
    if (verbosity > 0) return [`    ${isGate ? '' : 'may change: '}${saidLines(reason)}`];
    return wrapped([sayer === undefined ? shortReason(reason) : `for the same reason as ${sayer}`], '', width());
  }

  #output({ stdout, stderr }: NonNullable<ShownTaskEvent['output']>): string[] {
    const said = [
      ['stdout', stdout],
      ['stderr', stderr],
    ] as const;
    return said.flatMap(([name, text]) =>
      text.trim() === ''
        ? []
        : [this.#options.style.dim(`    ${name}:`), ...indented(indented(saidLines(text).trimEnd().split('\n')))],
    );
  }

  /** A change on a line of its own, then its diff. */
  #inFull(change: ShownChange): Line[] {
    const { diff } = this.#options;
    const line = `    ${said(rawWords(change))}`;
    if (change.text === undefined || change.text.diff === '' || diff === false) return [line];
    const lines = linesOf(change.text.diff);
    return [line, ...this.#diffLines(diff === 'full' ? lines.map(asIs) : shortDiff(lines, Infinity).lines)];
  }

  #shortDiffs(changes: readonly ShownChange[]): Line[] {
    const shown: Line[] = [];
    const left = { files: 0, lines: 0 };
    let room = mostOfWholeFiles;
    for (const { text } of this.#options.diff === false ? [] : changes) {
      if (text === undefined || text.diff === '') continue;
      const { lines, wholeFile } = shortDiff(linesOf(text.diff), room);
      if (wholeFile > 0 && room <= 0) {
        left.files += 1;
        left.lines += wholeFile;
        continue;
      }
      if (wholeFile > 0) room -= lines.length;
      shown.push(...this.#diffLines(lines));
    }
    return left.files === 0 ? shown : [...shown, this.#options.style.cyan(moreFiles(left.files, left.lines))];
  }

  /**
   * Not indented, so that text copied from a terminal or kept in a file is a patch. Off a terminal patch(1) accepts it
   * byte for byte.
   */
  #diffLines(lines: readonly DiffLine[]): Line[] {
    const { style, isTerminal } = this.#options;
    let inHunk = false;
    return lines.map(({ text, isNote }) => {
      if (!isTerminal && !isNote) return new Exact(text);
      const shown = saidLines(text);
      inHunk ||= text.startsWith('@@');
      if (isNote || text.startsWith('@@')) return style.cyan(shown);
      if (!inHunk) return style.bold(shown);
      return text.startsWith('+') ? style.green(shown) : text.startsWith('-') ? style.red(shown) : shown;
    });
  }

  #word({ status, may, gate }: ShownTaskEvent): string {
    const { style, check } = this.#options;
    if (may !== null && gate !== undefined) return style.cyan('not known');
    if (may !== null && (status === 'ok' || status === 'changed')) return style.yellow('may change');
    switch (status) {
      case 'changed':
        return style.yellow(check ? 'would change' : 'changed');
      case 'failed':
        return style.red(check ? 'would fail' : 'failed');
      case 'unreachable':
        return style.red('unreachable');
      case 'ok':
        return style.green('ok');
      case 'skipped':
        return style.cyan('skipped');
      case 'held':
        return style.yellow('held');
    }
  }
}

function nameOf(event: ShownTaskEvent): string {
  const name = event.role === null ? event.task : `${event.role} : ${event.task}`;
  const kind =
    event.event === 'handler'
      ? ' (handler)'
      : event.gate === undefined
        ? ''
        : event.gate === 'healthy'
          ? ' (healthy)'
          : ` (gate ${event.gate})`;
  return `${saidLines(name)}${kind}${subjectOf(event)}`;
}

/** A longer one is no name of anything, such as a script. */
const longestSubject = 100;

/** What a task is about, where neither its own name nor its changes say so: `state active -> stopped` is true of any unit. */
export function subjectOf({ subject, task, status, may, changes, hidden }: ShownTaskEvent): string {
  const isNews = may !== null || (status !== 'ok' && status !== 'skipped');
  if (subject === undefined || !isNews || hidden || subject.length > longestSubject) return '';
  const told = [task, ...changes.flatMap((change) => [rawWords(change), change.text?.path ?? ''])];
  return told.some((text) => text.includes(subject)) ? '' : ` (${said(subject)})`;
}

const linesOf = (diff: string): string[] => diff.replace(/\n$/, '').split('\n');

/** Their names; that of several in a row once. */
function counted(repeats: readonly Repeat[]): string[] {
  const names: { readonly name: string; count: number }[] = [];
  for (const { name } of repeats) {
    const last = names.at(-1);
    if (last?.name === name) last.count += 1;
    else names.push({ name, count: 1 });
  }
  return names.map(({ name, count }) => (count === 1 ? name : `${name} (${count} times)`));
}

/** Who and what, and beside it or below it the rest. */
export function entryLines(
  word: string,
  { hosts, all }: Pick<EntryHosts, 'hosts' | 'all'>,
  name: string,
  rest: readonly string[],
  width: number,
  areChanges = false,
): string[] {
  const named = hostsText(hosts, all);
  const isLong = hosts.length > 1 && widthOf(named) > Math.max(30, width * 0.45);
  const first = `${word}  ${isLong ? `${hosts.length} hosts` : named}  ${name}`.trimEnd();
  const below = isLong ? wrapped([`on ${named}`], '', width) : [];
  const beside = rest.join('; ');
  if (rest.length === 0) return [first, ...below];
  if (!first.includes('\n') && widthOf(first) + 2 + widthOf(beside) <= width) return [`${first}  ${beside}`, ...below];
  const joined = wrapped(rest, '; ', width);
  const isLongList = areChanges && joined.length > mostJoined;
  return [first, ...below, ...(isLongList ? rest.flatMap((part) => wrapped([part], '', width)) : joined)];
}
