import type { TaskFailure } from '../engine/index.ts';
import { serviceText } from '../playbook/index.ts';
import { shortPath } from './errors.ts';
import { saidLines } from './shown.ts';
import type { Style } from './style.ts';

const mostLines = 12;

export interface FailureStyle {
  readonly style: Style;
  readonly hidden?: boolean;
}

/** What went wrong, where, the last output of the host, and what to do: lines to print below a task's own. */
export function failureLines(raw: TaskFailure, { style, hidden = false }: FailureStyle): string[] {
  // Masked before colours are added, whose escapes must stay.
  const error = {
    ...raw,
    what: saidLines(raw.what),
    stdout: saidLines(raw.stdout),
    stderr: saidLines(raw.stderr),
    hint: raw.hint === null ? null : saidLines(raw.hint),
  };
  const [first = '', ...more] = error.what.split('\n');
  const lines = [first, ...more.map((line) => `${style.dim('|')} ${line}`)];
  if (error.at !== null) lines.push(`at ${shortPlace(error.at)}`);
  if (error.code !== null && !new RegExp(`\\b${error.code}\\b`).test(error.what)) lines.push(`exit code ${error.code}`);
  if (hidden) lines.push('(output hidden: noLog)');
  else
    lines.push(
      ...outputLines('stderr', error.stderr, style),
      ...(error.stderr.trim() === '' ? outputLines('stdout', error.stdout, style) : []),
    );
  if (error.hint !== null) lines.push(...error.hint.split('\n'));
  return lines;
}

/** The services that a failure is of: whose they are, and what is to be done. */
export function serviceLines({ services = [] }: TaskFailure): string[] {
  return services.map((service) => saidLines(`service ${serviceText(service)}`));
}

/** Its end: whatever explains a failure comes last. */
function outputLines(name: string, text: string, style: Style): string[] {
  const lines = text.trimEnd().split('\n');
  if (text.trim() === '') return [];
  const left = lines.length - mostLines;
  return [
    ...(left > 0 ? [style.dim(`${name}, after ${left} ${left === 1 ? 'line' : 'lines'} more:`)] : []),
    ...lines.slice(-mostLines).map((line) => `${style.dim('|')} ${line}`),
  ];
}

/** `file:line:col` with the file the way the operator would type it. */
export function shortPlace(place: string): string {
  const match = /^(.*?)((?::\d+){1,2})$/.exec(place);
  return match ? `${shortPath(match[1] ?? '')}${match[2] ?? ''}` : place;
}
