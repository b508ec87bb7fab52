import type { Inventory } from '../../../inventory/index.ts';
import { matchHosts } from '../../../inventory/index.ts';
import {
  isQuestion,
  Playbook,
  schemaRows,
  valueText,
  type Confirmation,
  type Runbook,
  type RunbookStep,
  type StepContext,
  type StepText,
  type WorkStep,
} from '../../../playbook/index.ts';
import { prepareRun, type RunRequest } from '../../../run/index.ts';
import { partsOf, type Part } from './moves.ts';

export interface PageInput {
  readonly name: string;
  readonly runbook: Runbook;
  /** None where these depend on variables that are not given. */
  readonly steps: readonly RunbookStep[];
  readonly inventory: Inventory;
  readonly contextOf: (hosts: readonly string[]) => StepContext;
  /** Lists the tasks of plays as a run with this request would. */
  readonly request: Omit<RunRequest, 'playbook'>;
}

const headings: Readonly<Record<Part, string>> = {
  before: 'Checks before',
  tasks: 'Does',
  after: 'Checks after',
  always: 'Does always, whatever ends the runbook',
  back: 'Inverse (`--back`)',
};

/** The operator's page of a runbook, as Markdown. */
export function page(input: PageInput): string {
  const { name, runbook, steps } = input;
  const { title, description, vars = {} } = runbook.spec;
  const rows = schemaRows(vars);
  const hasInverse = steps.length === 0 || steps.some((step) => !isQuestion(step) && step.back !== undefined);
  return [
    `# ${title}`,
    '',
    description,
    '',
    '```sh',
    `./play runbook ${name} -C        # what each step would do`,
    `./play runbook ${name}           # does it, and asks where it says so; once more continues where it stopped`,
    `./play runbook ${name} status    # what is done, by whom and when`,
    ...(hasInverse ? [`./play runbook ${name} --back    # the inverse steps, the last first`] : []),
    '```',
    '',
    ...(rows.length === 0
      ? []
      : [
          '| variable (`-e NAME=TEXT`, `-e \'{"NAME": 5}\'`, `-e @FILE`) | type | default | meaning |',
          '| --- | --- | --- | --- |',
          ...rows.map(
            (row) =>
              `| \`${row.name}\` | ${cell(row.type)} | ${row.required ? '**required**' : row.standard === undefined ? '' : `\`${cell(valueText(row.standard))}\``} | ${cell(row.text)} |`,
          ),
          '',
        ]),
    ...(steps.length > 0
      ? []
      : [
          `Its steps depend on variables. They are listed once these are given (\`-e\`): ${missing(input, 'localhost')
            .map((one) => `\`${one}\``)
            .join(', ')}.`,
          '',
        ]),
    ...steps.flatMap((step, i) => [`## ${i + 1}. ${step.name}`, '', ...stepLines(step, input)]),
    `<!-- Written by \`play runbook ${name} --doc\`. -->`,
    '',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function stepLines(step: RunbookStep, input: PageInput): string[] {
  const about = step.description === undefined ? [] : [step.description, ''];
  if (isQuestion(step)) return [...about, ...asked(step, [], input), ''];
  const hosts = matchHosts(input.inventory, step.hosts, { limit: input.request.limit });
  return [
    ...about,
    `On ${[step.hosts].flat().join(', ')}${hosts.length === 0 ? ', which are not in the inventory' : `: ${hosts.join(', ')}`}.`,
    '',
    ...(step.irreversible === true ? ['**Cannot be undone.**', ''] : []),
    ...(step.confirm === undefined ? [] : [...asked(step.confirm, hosts, input), '']),
    ...(hosts.length === 0 ? [] : partLines(step, hosts, input)),
  ];
}

function asked({ question, type = 'yes' }: Confirmation, hosts: readonly string[], input: PageInput): string[] {
  const isOpen = missing(input, hosts[0] ?? 'localhost').length > 0;
  const textOf = (text: StepText<StepContext['vars']>): string =>
    typeof text === 'string' ? text : isOpen ? '(depends on the variables)' : text(input.contextOf(hosts));
  return [`Asks: ${textOf(question)} To go on, type \`${textOf(type)}\`.`];
}

function partLines(step: WorkStep, hosts: readonly string[], input: PageInput): string[] {
  const lacking = missing(input, hosts[0] ?? '');
  if (lacking.length > 0)
    return [
      `What it does is listed once these are given (\`-e\`): ${lacking.map((one) => `\`${one}\``).join(', ')}.`,
      '',
    ];
  return partsOf(input.runbook, step).flatMap(({ part, plays }) => {
    const { plays: prepared } = prepareRun({
      ...input.request,
      isListing: true,
      playbook: new Playbook(plays, () => undefined),
    });
    // Hosts of one step do the same, as a rule: what differs is told by -C.
    const names = prepared.flatMap(
      ({ hosts: [first = ''], all }) => all.get(first)?.tasks.map((one) => one.name) ?? [],
    );
    return names.length === 0 ? [] : [`${headings[part]}:`, '', ...names.map((one) => `- ${one}`), ''];
  });
}

/** Variables without which tasks cannot be listed. */
function missing({ runbook, inventory }: PageInput, host: string): string[] {
  return runbook.missing(inventory.vars(host));
}
