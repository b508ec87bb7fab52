import type { Comparison, Move } from '../../../plans/index.ts';
import { saidLines } from '../../../report/index.ts';

/** More lines help nobody. */
const most = 40;

/** What moved since a plan was made, for people: by host and task, then what of the project moved. */
export function movedText({ moves, inputs }: Comparison): string {
  const lines: string[] = [];
  let last = '';
  for (const { host, task, at, causes, text } of moves) {
    const title = `${host}${task === undefined ? '' : `  ${task}`}${at === undefined ? '' : `  (${at})`}`;
    if (title !== last) lines.push(title);
    last = title;
    lines.push(`    ${causes.map((cause) => causeWords[cause]).join(' or ')}: ${text}`);
  }
  if (inputs.length > 0)
    lines.push(
      'of the project other than when the plan was made:',
      ...inputs.map(
        ({ kind, name }) => `    ${kind === 'variable' && !name.includes('/') ? 'variable' : kindWords[kind]} ${name}`,
      ),
    );
  const left = lines.length - most;
  return lines
    .slice(0, left > 1 ? most : undefined)
    .concat(left > 1 ? [`and ${left} more lines`] : [])
    .map((line) => saidLines(line).replaceAll('\n', '\\n'))
    .join('\n');
}

const kindWords = {
  code: 'code',
  template: 'template',
  file: 'file',
  variable: 'variables',
  inventory: 'inventory',
} as const;

const causeWords: Readonly<Record<Move['causes'][number], string>> = {
  ...kindWords,
  variable: 'variable',
  host: 'host',
  archive: 'packages in the archive',
  secret: 'secret',
  fact: 'a fact of the host, or what a script or command gives',
  play: 'play itself',
};
