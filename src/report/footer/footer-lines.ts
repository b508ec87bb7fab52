import { durationText } from '../duration.ts';
import { said } from '../shown.ts';
import type { Style } from '../style.ts';
import type { Doing, Standing } from './footer-board.ts';

/** Hosts that have a line of their own: those whose step takes longest. */
export const mostHosts = 3;
/** Seconds from which on it is said how long a step takes: before, the number would only flicker. */
const worthTelling = 2;

export interface FooterLook {
  readonly width: number;
  /** Lines there is room for. */
  readonly rows: number;
  readonly style: Style;
  /** The keys that do something, the most useful first: `Ctrl-\ details`. */
  readonly keys: readonly string[];
  readonly now: number;
  /** The last line that a host printed, masked. */
  readonly lastLine: (host: string) => string | undefined;
}

/** The footer's lines, none wider than the terminal. */
export function footerLines(standing: Standing, look: FooterLook): string[] {
  const { width, rows, style } = look;
  if (standing.doing.length === 0 || rows < 2 || width < 20) return [];
  const shown = standing.doing.slice(0, Math.max(1, Math.min(mostHosts, rows - 2)));
  const names = Math.min(Math.floor(width / 3), Math.max(...shown.map(({ host }) => host.length)));
  const more = standing.doing.length - shown.length;
  const summary = summaryOf(standing, more, look.now);
  return [
    ...shown.map((one) => hostLine(one, names, look)),
    style.dim(fitted([summary, keysFor(summary, look)].filter((part) => part !== '').join('   '), width)),
  ];
}

function hostLine({ host, what, since, hasOutput }: Doing, names: number, look: FooterLook): string {
  const { width, style, now } = look;
  const seconds = since === undefined ? 0 : (now - since) / 1000;
  const time = seconds < worthTelling ? '' : `  ${durationText(seconds)}`;
  const name = fitted(said(host), names).padEnd(names);
  const line = hasOutput ? (look.lastLine(host) ?? '') : '';
  // What is done and for how long goes before what is printed there.
  const own = fitted(said(what), Math.max(8, width - names - time.length - 2));
  const before = `${name}  ${own}${time}`;
  const room = width - columnsOf(before) - 4;
  return line === '' || room < 8
    ? style.bold(name) + fitted(before.slice(name.length), width - names)
    : `${style.bold(name)}${before.slice(name.length)}  ${style.dim(`| ${fitted(said(line), room)}`)}`;
}

function summaryOf({ hosts, done, failed, tasks, began }: Standing, more: number, now: number): string {
  return [
    more > 0 ? `${more} more at work` : '',
    hosts > 1 ? `${done} of ${hosts} hosts done` : '',
    failed > 0 ? `${failed} failed` : '',
    tasks === undefined || tasks.left === 0 ? '' : `${tasks.left} of ${tasks.all} tasks left`,
    durationText((now - began) / 1000),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** As many of the keys as there is room for. */
function keysFor(summary: string, { keys, width }: FooterLook): string {
  for (let count = keys.length; count > 0; count--) {
    const text = keys.slice(0, count).join('  ');
    if (summary.length + 3 + text.length <= width) return text;
  }
  return '';
}

/** Of a character outside of ASCII nobody here knows how wide it is drawn: two columns are the most. */
const widthOf = (character: string): number => (/^[\x20-\x7e]$/.test(character) ? 1 : 2);

const columnsOf = (text: string): number => [...text].reduce((sum, one) => sum + widthOf(one), 0);

/** As much of a text as is sure to fit; what was cut ends in dots. */
function fitted(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += widthOf(character);
    if (used > width - 3) return `${kept}...`;
    kept += character;
  }
  return kept;
}
