import type { ImportedProject } from './import-project.ts';

/** How many tasks came along, and why the others did not. */
export interface ImportCounts {
  readonly tasks: number;
  readonly imported: number;
  readonly holes: readonly { readonly about: string; readonly count: number }[];
  readonly reviews: number;
}

export function countsOf({ tasks }: Pick<ImportedProject, 'tasks'>): ImportCounts {
  const holes = new Map<string, number>();
  for (const { hole } of tasks) if (hole !== undefined) holes.set(hole.about, (holes.get(hole.about) ?? 0) + 1);
  const sorted = [...holes].map(([about, count]) => ({ about, count })).sort((a, b) => b.count - a.count);
  return {
    tasks: tasks.length,
    imported: tasks.filter(({ hole }) => hole === undefined).length,
    holes: sorted,
    reviews: tasks.reduce((sum, { reviews }) => sum + reviews.length, 0),
  };
}

/** The report of an import: counts by kind and by file, then each hole with its place. */
export function reportText(made: ImportedProject): string {
  const { tasks, imported, holes, reviews } = countsOf(made);
  const share = tasks === 0 ? 100 : Math.floor((100 * imported) / tasks);
  const lines = [
    '# What was imported',
    '',
    `${imported} of ${tasks} tasks (${share} %) are TypeScript. Holes, where \`hole({ was, why })\` stands in a task's place: ${tasks - imported}. Places marked \`Review\`: ${reviews}.`,
    ...spaced(
      table(
        ['why', 'holes'],
        holes.map(({ about, count }) => [about, String(count)]),
      ),
    ),
    ...section('Files', table(['file', 'tasks', 'holes'], byFile(made))),
    ...section(
      'Holes',
      made.tasks.flatMap(({ at, module, hole }) =>
        hole === undefined ? [] : [`- ${at.file}:${at.line ?? 1} ${module}: ${hole.why.split('\n')[0] ?? ''}`],
      ),
    ),
    ...section(
      'To review',
      made.tasks.flatMap(({ at, module, reviews }) =>
        reviews.map(
          (review) =>
            `- ${at.file}:${at.line ?? 1} ${module}: ${(review.split('\n')[0] ?? '').replace(/^Review: /, '')}`,
        ),
      ),
    ),
    ...section(
      'Plays',
      made.notes.map((note) => `- ${note}`),
    ),
    ...section(
      'Not read',
      made.repository.unread.map(({ path, why }) => `- ${path}: ${why}`),
    ),
    ...section(
      'Types',
      (made.typeErrors ?? ['they were not checked']).map((error) => `- ${error}`),
    ),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const spaced = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', ...lines]);

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  return [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );
}

function byFile({ tasks }: ImportedProject): string[][] {
  const files = new Map<string, { tasks: number; holes: number }>();
  for (const { at, hole } of tasks) {
    const known = files.get(at.file) ?? { tasks: 0, holes: 0 };
    files.set(at.file, { tasks: known.tasks + 1, holes: known.holes + (hole === undefined ? 0 : 1) });
  }
  return [...files].map(([file, counts]) => [file, String(counts.tasks), String(counts.holes)]);
}
