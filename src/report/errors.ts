import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { ExitCode, PlayError, locationText, type Location } from '../errors/index.ts';
import { firstFrame } from '../playbook/index.ts';
import { said, saidLines } from './shown.ts';
import type { Style } from './style.ts';

export interface ErrorContext {
  readonly style: Style;
  readonly debug: boolean;
  /** Masks secrets in everything that is printed. */
  readonly redact: (text: string) => string;
  /** Folders with play's own code: an error thrown there is a fault of play, anywhere else one of the playbook. */
  readonly ownFolders: readonly string[];
}

/** What to print for anything that was thrown, and the exit code that goes with it. */
export function describeError(thrown: unknown, context: ErrorContext): { text: string; exitCode: ExitCode } {
  if (thrown instanceof PlayError)
    return { text: context.redact(playErrorText(thrown, context)), exitCode: thrown.exitCode };
  const site = userFrame(thrown, context.ownFolders);
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  if (site) {
    const error = new PlayError(`The playbook failed: ${what}`, {
      where: site,
      hint: 'The code at this place threw the error.',
      cause: thrown,
    });
    return { text: context.redact(playErrorText(error, context)), exitCode: ExitCode.usage };
  }
  const { style } = context;
  const lines = [`${style.red('internal error:')} ${saidLines(what)}`];
  if (context.debug) lines.push(stackOf(thrown));
  else lines.push('  This is a bug in play. Run again with --debug and report what it prints.');
  return { text: context.redact(`${lines.join('\n')}\n`), exitCode: ExitCode.internal };
}

function playErrorText(error: PlayError, context: ErrorContext): string {
  const { style } = context;
  const lines = [`${style.red('error:')} ${indentRest(saidLines(error.message))}`];
  if (error.where !== undefined) {
    lines.push(`  at ${said(locationText(shortened(error.where)))}`);
    // An error with detail has its own excerpt, or needs none.
    if (typeof error.where !== 'string' && error.detail === undefined) lines.push(...excerpt(error.where, style));
  }
  if (error.detail !== undefined && error.detail !== '')
    lines.push(
      ...saidLines(error.detail)
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
    );
  if (error.hint !== undefined) lines.push(`  ${indentRest(saidLines(error.hint))}`);
  if (context.debug) lines.push(stackOf(error));
  return `${lines.join('\n')}\n`;
}

function indentRest(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

/** A path below the working directory the way the operator would type it. */
export function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || path === '' ? file : path;
}

function shortened(where: Location | string): Location | string {
  return typeof where === 'string' ? where : { ...where, file: shortPath(where.file) };
}

/**
 * The line with its neighbours. For inventories and variables only the line itself: there may be a password beside a
 * mistyped one.
 */
function excerpt({ file, line, column }: Location, style: Style): string[] {
  if (line === undefined) return [];
  let all: string[];
  try {
    all = readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
  const around = /\.(?:[cm]?[jt]s|hbs)$/.test(file) ? 1 : 0;
  const lines: string[] = [];
  for (let at = Math.max(1, line - around); at <= Math.min(all.length, line + around); at++) {
    const text = saidLines(all[at - 1] ?? '')
      .replaceAll('\t', ' ')
      .slice(0, 160);
    const number = String(at).padStart(5);
    lines.push(at === line ? `${style.red('>')}${number} | ${text}` : style.dim(` ${number} | ${text}`));
    if (at === line && column !== undefined && column <= 160)
      lines.push(`       | ${' '.repeat(column - 1)}${style.red('^')}`);
  }
  return lines;
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  const own = saidLines(thrown.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
  const cause =
    thrown.cause instanceof Error ? `\n  caused by ${saidLines(thrown.cause.message)}\n${stackOf(thrown.cause)}` : '';
  return own + cause;
}

/** The first stack frame outside of libraries, unless it is play's own. */
function userFrame(thrown: unknown, ownFolders: readonly string[]): Location | undefined {
  const site = firstFrame(
    thrown instanceof Error ? thrown.stack : undefined,
    (file) => !file.includes('/node_modules/'),
  );
  return site !== undefined && ownFolders.some((folder) => site.file.startsWith(`${folder}/`)) ? undefined : site;
}
