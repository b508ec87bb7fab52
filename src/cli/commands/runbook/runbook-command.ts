import { basename } from 'node:path';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { commandLine } from '../../../operator/command-line.ts';
import { withFailedHosts } from '../../../operator/failed-hosts.ts';
import { attemptKey, newAttempt, RunbookRecord, type Attempt } from '../../../operator/runbook-record.ts';
import { makeCommand } from '../../../options/command.ts';
import { addExecutionOptions, runFlags, type Flags, type RunbookFlags } from '../../../options/flags.ts';
import { Playbook, type Runbook, type RunbookStep, type StepContext } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { checkTypes } from '../../../project/type-check.ts';
import { warnOf } from '../../../report/warnings.ts';
import { prepareRun, type RunRequest } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { openInventory, requestOf, type OpenInventory } from '../../../targets/open-inventory.ts';
import { passphraseAsker, runPasswords } from '../../../targets/passwords.ts';
import { parseWithConfig } from '../../parse.ts';
import { refuseMisspeltExtras } from '../extra-names.ts';
import { startRun } from '../start-run.ts';
import { useVerdict } from '../type-verdict.ts';
import { Conductor } from './conductor.ts';
import { findRunbook, loadRunbook, runbookNames } from './find-runbook.ts';
import { backward, forward, type Course } from './moves.ts';
import { page } from './page.ts';
import { statusLines } from './status.ts';
import { loadPlaybooks, playbookFiles, withPlaybook } from './step-playbooks.ts';

interface Options {
  readonly from?: string;
  readonly back: boolean;
  readonly new: boolean;
  readonly doc: boolean;
}

/** `play runbook [NAME [status]]`: lists, shows and carries out the runbooks of the project. */
export async function runRunbookCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addExecutionOptions(
    makeCommand('play runbook', "Carries out a runbook step by step; without a name, lists the project's."),
  )
    .argument('[name]', 'a runbook by name in runbooks/, or by path')
    .argument('[what]', 'status: what is done, by whom and when')
    .option('--from <step>', 'begin with this step, by its name or number, whatever is on record')
    .option('--back', 'undo the steps that were started, last first', false)
    .option('--new', 'start over, even if an earlier run was not finished', false)
    .option('--doc', "print the operator's page, as Markdown", false);
  const config = await parseWithConfig(command, args, launch, ([name]) => name);
  const options = command.opts<Options>();
  const flags = runFlags(command.opts<RunbookFlags>());
  const [name, what] = command.args;
  if (name === undefined) return await list(launch);
  if (what !== undefined && what !== 'status')
    throw new PlayError(`A runbook has no "${what}"`, { hint: 'See its status with: play runbook NAME status' });
  if (options.new && options.back)
    throw new PlayError('--new and --back contradict each other', { hint: 'Leave one of them out.' });
  const file = findRunbook(name);
  const isRun = what === undefined && !options.doc;
  const verdict = isRun && flags.typecheck ? checkTypes(file, launch) : undefined;
  const opened = await openInventory(flags, launch, { playbook: file });
  const runbook = await loadRunbook(file, launch);
  const desk = new Desk(runbook, opened, file);
  const playbooks = playbookFiles(desk.knownSteps(), config.playbooksDir);
  desk.playbooks = await loadPlaybooks(playbooks, launch);
  if (what === 'status') {
    const lines = statusLines(new RunbookRecord(file).attempts, desk.knownSteps());
    process.stdout.write(redactor.redact(`${lines.join('\n')}\n`));
    return ExitCode.ok;
  }
  if (options.doc) {
    const request = { ...desk.request(undefined), limit: flags.limit };
    const steps = desk.knownSteps();
    const { contextOf } = desk;
    const input = { name: basename(file, '.ts'), runbook, steps, inventory: opened.inventory, contextOf, request };
    process.stdout.write(redactor.redact(page(input)));
    return ExitCode.ok;
  }
  if (verdict) await useVerdict(file, verdict);
  if (verdict) for (const one of playbooks.values()) await useVerdict(one, checkTypes(one, launch));
  return await carryOut(desk, { flags, options, redactor });
}

async function list(launch: Launch): Promise<number> {
  const names = runbookNames();
  const rows = await Promise.all(
    names.map(async (name) => ({ name, title: (await loadRunbook(findRunbook(name), launch)).spec.title })),
  );
  const width = Math.max(0, ...names.map(({ length }) => length));
  const lines = rows.map(({ name, title }) => `${name.padEnd(width)}  ${title}`);
  process.stdout.write(
    names.length === 0
      ? 'This project has no runbooks/.\n'
      : `${lines.join('\n')}\n\nplay runbook NAME --doc shows one.\n`,
  );
  return ExitCode.ok;
}

/** A runbook together with what the inventory says. */
class Desk {
  readonly runbook: Runbook;
  readonly opened: OpenInventory;
  readonly file: string;
  /** Those that steps give by name. */
  playbooks: ReadonlyMap<string, Playbook> = new Map();

  constructor(runbook: Runbook, opened: OpenInventory, file: string) {
    this.runbook = runbook.withTyped((name) => opened.inventory.isTyped(name));
    this.opened = opened;
    this.file = file;
  }

  /** @throws PlayError where they depend on variables that are not given */
  steps(): readonly RunbookStep[] {
    const { vars } = this;
    const { inventory } = this.opened;
    const steps = this.runbook.steps({
      get vars() {
        return vars('localhost');
      },
      groups: Object.fromEntries([...inventory.groups].map(([name, group]) => [name, group.hosts])),
    });
    return steps.map((step) => withPlaybook(step, this.playbooks, inventory));
  }

  /** None where they depend on variables that are not given: for who only looks. */
  knownSteps(): readonly RunbookStep[] {
    const isOpen = this.runbook.dependsOnVariables && this.runbook.missing(this.#given('localhost')).length > 0;
    return isOpen ? [] : this.steps();
  }

  #given(host: string): Record<string, unknown> {
    return this.opened.inventory.vars(host);
  }

  readonly vars = (host: string): Record<string, unknown> => this.runbook.variables(host, this.#given(host));

  /** Read only where a text of the runbook depends on variables. */
  readonly contextOf = (hosts: readonly string[]): StepContext => {
    const { vars } = this;
    return {
      hosts,
      get vars() {
        return vars(hosts[0] ?? 'localhost');
      },
    };
  };

  request(become: Parameters<typeof requestOf>[1]): Omit<RunRequest, 'playbook' | 'limit'> {
    return { ...requestOf(this.opened, become), file: this.file, tags: { only: [], skip: [] }, onWarning: warnOf };
  }
}

interface Order {
  readonly flags: Flags;
  readonly options: Options;
  readonly redactor: Redactor;
}

async function carryOut(desk: Desk, { flags, options, redactor }: Order): Promise<number> {
  const { runbook, file, opened } = desk;
  const steps = desk.steps();
  const limit = withFailedHosts(flags.limit, file);
  const record = new RunbookRecord(file);
  // Throwaway hosts are others than those they stand in for.
  const key = attemptKey(limit, [...flags.extraVars, ...(flags.sandbox === false ? [] : ['--sandbox'])]);
  const last = record.last(key);
  const isFresh =
    options.new || last === undefined || (!options.back && last.ended !== undefined && options.from === undefined);
  const known = { runbook, steps, attempt: isFresh ? undefined : last, from: options.from };
  const course = options.back ? backward(known) : forward(known);
  const plays = [...course.moves.flatMap((move) => move.plays), ...course.cleanups.map(({ play }) => play)];
  const passwords = await runPasswords(flags);
  const prepared = prepareRun({
    ...desk.request(passwords.become),
    limit,
    playbook: new Playbook(plays, () => runbook.at),
  });
  refuseMisspeltExtras(prepared, Object.keys(runbook.spec.vars ?? {}));
  const command = redactor.redact(commandLine());
  return await startRun({
    ...opened,
    kind: 'runbook',
    prepared,
    flags,
    redactor,
    login: { password: passwords.login, passphrase: passphraseAsker() },
    conduct: async (stage, at) => {
      for (const text of startTexts(course, known.attempt)) at.tell(text);
      const attempt = flags.check ? (known.attempt ?? newAttempt(key, command)) : record.open(key, command, isFresh);
      const { check } = flags;
      const isChosen = options.from !== undefined;
      const again = `the same command${isChosen || options.new ? ' without --from and --new' : ''}; --back undoes, and \`status\` shows what is done`;
      const given = { course, record, attempt, check, isChosen, contextOf: desk.contextOf, again };
      return await new Conductor(given, stage, at).run();
    },
  });
}

/** Where it begins, if that is not at the first step, and what an earlier run owes. */
function startTexts({ moves, cleanups }: Course, attempt: Attempt | undefined): string[] {
  if (attempt === undefined) return [];
  const first = moves.find(({ work }) => work !== 'recheck');
  const done = Object.entries(attempt.steps).filter(([, { status }]) => status === 'done');
  const going =
    first?.work === 'do' && done.length > 0
      ? [
          `continues at "${first.step.name}"; done before: ${done.map(([name, { at, by }]) => `"${name}" (${at}, ${by})`).join(', ')}`,
        ]
      : [];
  const owed = cleanups.filter(({ step }) => attempt.steps[step.name]?.owed === true);
  return [
    ...going,
    ...owed.map(({ step }) => `owed by an earlier run, and done at the end: what "${step.name}" does always`),
  ];
}
