import { extname } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import type { OutputForm } from '../../options/flags.ts';
import { collectRun, reportText, type About, type ReportForm, type RunModel } from '../../pages/index.ts';
import type { ShownEvent } from '../../report/index.ts';
import { requireOutFolder, writeOutFile } from './plan/out-file.ts';

const formOf: Readonly<Record<string, ReportForm>> = {
  '.html': 'html',
  '.htm': 'html',
  '.xml': 'junit',
  '.md': 'markdown',
};

interface Wanted {
  readonly output: OutputForm;
  readonly report: readonly string[];
}

/** A report that was asked for: a file, or standard output where there is none. */
interface Goal {
  readonly form: ReportForm;
  readonly file: string | undefined;
}

/** What is written of a run once it is over: files of `--report`, and `--output junit` or `markdown`. */
export class RunReports {
  readonly #goals: readonly Goal[];
  readonly #collector: ReturnType<typeof collectRun> | undefined;

  /** @throws PlayError for a file that could not be written in the end, or of a form that is not known */
  constructor({ output, report }: Wanted) {
    this.#goals = goalsOf(output, report);
    this.#collector = this.#goals.length > 0 ? collectRun() : undefined;
  }

  readonly listener = (event: ShownEvent): void => this.#collector?.listener(event);

  write(about: About): void {
    if (this.#collector) writeGoals(this.#goals, this.#collector.model(about));
  }
}

/** Writes the reports of a run that is known already. @returns whether any was asked for */
export function writeReports({ output, report }: Wanted, model: () => RunModel): boolean {
  const goals = goalsOf(output, report);
  if (goals.length > 0) writeGoals(goals, model());
  return goals.length > 0;
}

function goalsOf(output: OutputForm, report: readonly string[]): Goal[] {
  const files = report.map((file): Goal => {
    const form = formOf[extname(file).toLowerCase()];
    if (form === undefined)
      throw new PlayError(`--report ${file}: its name does not say which kind of report it is`, {
        hint: 'NAME.html is a page, NAME.xml is JUnit, NAME.md is Markdown for a pull request.',
      });
    requireOutFolder('--report', file);
    return { form, file };
  });
  return output === 'junit' || output === 'markdown' ? [...files, { form: output, file: undefined }] : files;
}

/** Diffs may show what only root reads on a host: a file is for its owner alone. */
function writeGoals(goals: readonly Goal[], model: RunModel): void {
  for (const { form, file } of goals) {
    const text = reportText(form, model);
    if (file === undefined) process.stdout.write(text);
    else {
      writeOutFile(file, text, 0o600);
      process.stderr.write(`the report is written to ${file}\n`);
    }
  }
}
