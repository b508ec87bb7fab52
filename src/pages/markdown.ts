import { visible } from '../connection/byte-text.ts';
import { saidLines, shortPlace } from '../report/index.ts';
import { escaped } from './html.ts';
import { isChange, isFailure, nameOf, wordOf, type Change, type RunModel, type Told } from './run-model.ts';
import { verdict } from './verdict.ts';

/** What GitHub takes of a comment, in characters. GitLab takes a million. */
const mostCharacters = 65_536;
/** Room for the last line, which says what was left out. */
const reserve = 300;
/** Longer diffs are cut, so that one file does not take the place of all others. */
const mostDiffLines = 400;
const mostHosts = 10;

/**
 * A run as Markdown for a pull request: the verdict, hosts with news as a table, what failed, then each change once with the
 * hosts it is for, its diff folded. Names and texts of hosts can neither end a fence, nor be links, mentions or tags. What does
 * not fit in a comment is left out whole, and counted.
 */
export function runMarkdown(model: RunModel): string {
  const { about, told } = model;
  const failures = told.filter(({ outcome }) => isFailure(outcome));
  const changes = told.filter(({ outcome }) => isChange(outcome));
  const head = [
    '<!-- play -->',
    `### ${about.check ? 'Plan' : 'Run'}: ${code(about.title)}`,
    '',
    `**${plain(verdict(model))}**${model.exit === undefined ? '' : ` (exit ${model.exit})`}`,
    '',
    ...hostTable(model),
  ].join('\n');
  const blocks = [
    ...(failures.length > 0 ? ['\n#### Failures\n'] : []),
    ...failures.map((one) => block(one, model)),
    ...(changes.length > 0 ? [`\n#### ${about.check ? 'What would change' : 'Changes'}\n`] : []),
    ...changes.map((one) => block(one, model)),
  ];
  const foot = `\n${code(about.command)}${about.commit === undefined ? '' : ` at ${code(about.commit.slice(0, 12))}`}\n`;
  let room = mostCharacters - reserve - head.length - foot.length;
  let text = head;
  let left = 0;
  for (const one of blocks) {
    if (left === 0 && one.length <= room) {
      text += one;
      room -= one.length;
    } else left += one.startsWith('\n#') ? 0 : 1;
  }
  const rest =
    left === 0
      ? ''
      : `\n_${left} more ${left === 1 ? 'entry does' : 'entries do'} not fit into a comment: see the log or the report of the run._\n`;
  // Of thousands of hosts the table alone may be too long.
  return `${text}${rest}${foot}`.slice(0, mostCharacters);
}

function hostTable({ hosts }: RunModel): string[] {
  const news = hosts.flatMap(({ name, counts }) =>
    counts && counts.changed + counts.failed + counts.unreachable + counts.rescued + counts.ignored > 0
      ? [{ name, counts }]
      : [],
  );
  if (news.length === 0) return [];
  const shown = news.slice(0, 50);
  const right = hosts.length - news.length;
  return [
    '| host | changed | failed | unreachable | ok | skipped |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...shown.map(
      ({ name, counts: { changed, failed, unreachable, ok, skipped } }) =>
        `| ${code(name)} | ${changed} | ${failed} | ${unreachable} | ${ok} | ${skipped} |`,
    ),
    ...(news.length > shown.length
      ? ['', `and ${news.length - shown.length} more hosts with changes or failures`]
      : []),
    ...(right > 0 ? ['', `${right} ${right === 1 ? 'host is' : 'hosts are'} right.`] : []),
    '',
  ];
}

function block(told: Told, { about, hosts }: RunModel): string {
  const { row, outcome, changes, may, assumed, message, error, isHidden } = told;
  const where =
    told.hosts.length === hosts.length && hosts.length > 1
      ? `all ${hosts.length} hosts`
      : told.hosts.length > mostHosts
        ? `${told.hosts.slice(0, mostHosts).map(code).join(', ')} and ${told.hosts.length - mostHosts} more`
        : told.hosts.map(code).join(', ');
  const lines = [
    ...(may === null ? [] : [`may change: ${plain(may)}`, '']),
    ...assumed.flatMap((reason) => [`assumed: ${plain(reason)}`, '']),
    ...(isHidden ? ['hidden: noLog', ''] : []),
    ...(message === null || message === '' ? [] : [fenced(message, '')]),
    ...(error === null
      ? []
      : [
          fenced(
            [
              error.what,
              error.hint ?? '',
              error.at === null ? '' : `at ${shortPlace(error.at)}`,
              error.stderr.trimEnd() || error.stdout.trimEnd(),
            ]
              .filter((part) => part !== '')
              .join('\n'),
            '',
          ),
        ]),
    ...changes.map(changeText),
  ];
  return `<details${isFailure(outcome) ? ' open' : ''}><summary>${plain(wordOf(outcome, about.check))}: ${code(nameOf(row))} on ${where}</summary>\n\n${lines.join('\n')}\n\n</details>\n`;
}

function changeText({ what, from, to, path, diff }: Change): string {
  if (diff !== undefined) return fenced(diff.trimEnd(), 'diff');
  const values = [from === undefined ? '' : code(from), ...(to === undefined ? [] : ['→', code(to)])].filter(
    (part) => part !== '',
  );
  return `- ${[plain(what), ...(path === undefined ? [] : ['of', code(path)]), ...values].join(' ')}`;
}

/** A text between fences longer than any in it. */
function fenced(text: string, language: string): string {
  const lines = unescapedLines(text);
  const shown = lines.slice(0, mostDiffLines);
  if (lines.length > shown.length) shown.push(`... ${lines.length - shown.length} more lines`);
  const longest = Math.max(2, ...shown.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `\n${fence}${language}\n${shown.join('\n')}\n${fence}\n`;
}

/** Control characters written out; inside a fence nothing else has a meaning. */
function unescapedLines(text: string): string[] {
  return saidLines(visible(text)).split('\n');
}

/** A text in which Markdown, HTML and GitHub see nothing but letters. The dot of `www.` would make a link. */
function plain(text: string): string {
  return escaped(text.replace(/\r?\n/g, ' ')).replace(
    /(&(?:amp|lt|gt|quot|#39);|(?<=\w)-(?=\w)|(?<!www)\.(?=\w))|[!"#$&'()*+.:;<>?@[\\\]^_`{|}~-]/gi,
    (one, harmless: string | undefined) => harmless ?? `&#${one.charCodeAt(0)};`,
  );
}

/** The same as code, where GitHub looks for no mentions, issues or links. */
function code(text: string): string {
  return `<code>${plain(text)}</code>`;
}
