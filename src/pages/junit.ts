import { shortPlace } from '../report/index.ts';
import { html, type Html, type Part } from './html.ts';
import { isChange, nameOf, wordOf, type Cell, type PlayRows, type Row, type RunModel, type Told } from './run-model.ts';

interface Case {
  readonly play: PlayRows;
  readonly row: Row;
  readonly cell: Cell;
  readonly told: Told | undefined;
}

/**
 * A run as JUnit's XML: a suite a host, a case a task. What failed is a failure, a host that was not reached an error; what was
 * skipped or held is skipped. Changes are in the suite's `system-out`. It holds to both schemas that are about: that of Ant's JUnit
 * task, and Jenkins' `junit-10.xsd`.
 */
export function runJunit(model: RunModel): string {
  const suites = model.hosts.map(({ name }, index) => suite(name, index, model));
  return html`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${suites}</testsuites>
`.text;
}

function suite(host: string, index: number, model: RunModel): Html {
  const { about, told } = model;
  const cases = model.plays.flatMap((play) =>
    play.rows.flatMap((row): Case[] => {
      const cell = row.cells.get(host);
      return cell === undefined
        ? []
        : [{ play, row, cell, told: cell.told === undefined ? undefined : told[cell.told] }];
    }),
  );
  const count = (is: (one: Case) => boolean): number => cases.filter(is).length;
  const seconds = cases.reduce((sum, { cell }) => sum + cell.seconds, 0);
  return html`  <testsuite name="${host}" hostname="${host}" package="${about.title}" id="${index}" timestamp="${timestamp(about.started)}" tests="${cases.length}" failures="${count(isFailed)}" errors="${count(isError)}" skipped="${count(isSkipped)}" time="${seconds.toFixed(3)}">
    <properties>
      <property name="command" value="${about.command}"/>
      <property name="check" value="${String(about.check)}"/>
    </properties>
${cases.map((one) => testcase(one, about.check))}    <system-out>${cases.map((one) => changed(one, about.check))}</system-out>
    <system-err></system-err>
  </testsuite>
`;
}

const isFailed = ({ cell }: Case): boolean => cell.outcome === 'failed';
const isError = ({ cell }: Case): boolean => cell.outcome === 'unreachable';
const isSkipped = ({ cell }: Case): boolean => ['skipped', 'held', 'gone'].includes(cell.outcome);

function testcase(one: Case, isCheck: boolean): Html {
  const { play, row, cell, told } = one;
  const part = `${play.name || 'play'}${row.role === null ? '' : `.${row.role}`}`;
  return html`    <testcase classname="${part}" name="${nameOf(row)}" time="${cell.seconds.toFixed(3)}">${problem(one, told, isCheck)}</testcase>
`;
}

function problem(one: Case, told: Told | undefined, isCheck: boolean): Part {
  const word = wordOf(one.cell.outcome, isCheck);
  if (isSkipped(one)) return html`<skipped message="${firstLine(told?.message ?? told?.error?.what ?? word)}"/>`;
  if (!isFailed(one) && !isError(one)) return undefined;
  const { what = word, hint, at, code, stderr = '', stdout = '' } = told?.error ?? {};
  const lines = [
    what,
    ...(hint ? [hint] : []),
    ...(at ? [`at ${shortPlace(at)}`] : []),
    ...(code === null || code === undefined ? [] : [`exit code ${code}`]),
    ...(stderr.trim() === '' ? [] : ['stderr:', stderr.trimEnd()]),
    ...(stdout.trim() === '' ? [] : ['stdout:', stdout.trimEnd()]),
  ].join('\n');
  const message = firstLine(what);
  return isError(one)
    ? html`<error type="${word}" message="${message}">${lines}</error>`
    : html`<failure type="${word}" message="${message}">${lines}</failure>`;
}

function changed({ row, cell, told }: Case, isCheck: boolean): Part {
  if (told === undefined || !isChange(cell.outcome)) return undefined;
  const lines = told.changes.flatMap(({ what, from, to, path, diff }) => [
    `    ${[what, ...(path === undefined ? [] : [`of ${path}`]), from ?? '', ...(to === undefined ? [] : ['->', to])].filter((part) => part !== '').join(' ')}`,
    ...(diff === undefined ? [] : [diff.trimEnd()]),
  ]);
  return `${[`${wordOf(cell.outcome, isCheck)}  ${nameOf(row)}`, ...(told.may === null ? [] : [`    ${told.may}`]), ...lines].join('\n')}\n`;
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** Ant's schema wants UTC without a mark of it. */
function timestamp(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? '1970-01-01T00:00:00' : time.toISOString().slice(0, 19);
}
