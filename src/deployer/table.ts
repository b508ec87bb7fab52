import { escapeControls, type Style } from '../runner/index.ts';
import type { FleetStanding, Relation, Standing } from './standing.ts';

/** What stands between two stages. */
const marks: Readonly<Record<Relation, string>> = { pending: '►►', ahead: '⚠', equal: '', first: '', unknown: '' };
/** As wide as the widest of them, so that columns stay in line. */
const markWidth = 2;

/** A text and how it is shown: its width counts without colours. */
interface Cell {
  readonly text: string;
  readonly paint: (text: string) => string;
}

/**
 * Packages by stages. A stage of several hosts has a line for each, so that none hides behind another.
 *
 * @example
 * Package   test                    hel                     prod
 * fastpath  0.81~pr748-191      ►►  0.77~pr705-119          0.77~pr705-119
 */
export function renderTable({ stages, packages }: FleetStanding, style: Style): string[] {
  const plain = (text: string): Cell => ({ text, paint: (same) => same });
  const isShort = stages.every(({ hosts }) => hosts.length === 1);
  const rows: Cell[][] = [
    [
      plain('Package'),
      ...stages.flatMap(({ name }, i) => [
        ...(i === 0 ? [] : [plain(' '.repeat(markWidth))]),
        { text: name, paint: style.bold },
      ]),
    ],
  ];
  for (const { name, stages: columns } of packages) {
    for (let line = 0; line < Math.max(...columns.map((hosts) => hosts.length)); line++) {
      const cells = columns.flatMap((hosts, i) => {
        const standing = hosts[line];
        const mark = standing ? markCell(standing, style) : plain('');
        return [...(i === 0 ? [] : [mark]), standing ? hostCell(standing, isShort, style) : plain('')];
      });
      rows.push([plain(line === 0 ? name : ''), ...cells]);
    }
  }
  return aligned(rows);
}

function markCell({ relation }: Standing, style: Style): Cell {
  return { text: marks[relation].padEnd(markWidth), paint: relation === 'ahead' ? style.red : style.green };
}

function hostCell({ host, installed }: Standing, isShort: boolean, style: Style): Cell {
  const where = isShort ? '' : ` (${host})`;
  if (installed === undefined) return { text: `unreachable${where}`, paint: style.red };
  if (installed.broken)
    return { text: escapeControls(`${installed.version ?? ''} half installed${where}`), paint: style.red };
  if (installed.version === undefined) return { text: `not installed${where}`, paint: style.dim };
  return {
    text: escapeControls(`${installed.version}${installed.held ? ' held' : ''}${where}`),
    paint: (text) => text,
  };
}

function aligned(rows: readonly (readonly Cell[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, { text }] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, text.length);
  // Blanks at the end are of no use, and none is inside a colour.
  return rows.map((row) =>
    row
      .map(
        ({ text, paint }, i) =>
          (text.trim() === '' ? '' : paint(text)) +
          ' '.repeat((widths[i] ?? 0) - (text.trim() === '' ? 0 : text.length)),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** What to say below the table: services that still run the version before, or do not run at all. */
export function serviceNotes({ packages }: FleetStanding, style: Style): string[] {
  return packages
    .flatMap(({ name, stages }) =>
      stages.flat().flatMap(({ stage, host, installed }) =>
        (installed?.services ?? []).flatMap(({ unit, active, isOutdated }) => {
          if (isOutdated)
            return [
              `${style.yellow('installed, not restarted')}  ${host}  ${name} ${installed?.version ?? ''}: ${unit} still runs the old version; deployer restart ${name} ${stage}`,
            ];
          return active === 'failed' ? [`${style.red('service failed')}  ${host}  ${name}: ${unit}`] : [];
        }),
      ),
    )
    .map(printableBut);
}

/** The texts are the hosts', the escapes ours. */
function printableBut(line: string): string {
  return line
    .split(/(\x1b\[\d+m)/)
    .map((part) => (part.startsWith('\x1b[') ? part : escapeControls(part)))
    .join('');
}
