import { runbookOf, type Service } from '../../../playbook/index.ts';
import { holdText, timeText, type Hold } from '../../../probes/index.ts';
import type { Stopped } from '../hold/stopped.ts';
import type { HostCertificate } from './certificates.ts';
import type { DeclaredPart, HostDeclaration } from './declared.ts';
import type { JobState } from './job-state.ts';
import { jobText } from './jobs-command.ts';
import type { Survey, SurveyedUnit } from './survey.ts';

/** What a host says of itself, for its page. */
export interface HostFacts {
  readonly survey: Survey;
  readonly certificates: readonly HostCertificate[];
  readonly jobs: readonly JobState[];
  readonly holds: readonly Hold[];
  readonly stopped: readonly Stopped[];
}

/** All that a page is made of. */
export interface PageHost {
  readonly name: string;
  readonly groups: readonly string[];
  readonly declaration: HostDeclaration;
  /** What it said, or why it could not be asked. */
  readonly facts: HostFacts | { readonly missing: string };
}

/** The page's runbooks: their titles, by name. */
export type RunbookTitles = ReadonlyMap<string, string>;

/** Files of a part beyond this many are counted only. */
const mostPaths = 25;

/** The page of hosts for somebody who does not know them, in Markdown. */
export function pageText(hosts: readonly PageHost[], runbooks: RunbookTitles, title: string): string {
  const lines = [
    `# ${md(title)}`,
    '',
    `For whoever has to look after ${hosts.length === 1 ? 'this host' : 'these hosts'} and does not know ${hosts.length === 1 ? 'it' : 'them'}. Made of the playbooks and of what ${hosts.length === 1 ? 'the host says' : 'the hosts say'} of ${hosts.length === 1 ? 'itself' : 'themselves'}, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    '',
    ...overview(hosts, runbooks),
    ...hosts.flatMap((host) => hostLines(host, runbooks, hosts.length > 1)),
    ...(runbooks.size === 0
      ? []
      : [
          '## Runbooks',
          '',
          'Each says with `-C` what it would do, and asks before what cannot be undone.',
          '',
          ...[...runbooks].map(([name, text]) => `- \`play runbook ${name}\`: ${md(text)}`),
          '',
        ]),
    '## First steps',
    '',
    '- `play status` says what is held or stopped, by whom, since when; `play jobs` how jobs stand whose miss loses data.',
    '- `play drift -l HOST` says what is not as the playbooks say, `play log` who changed what; `play unmanaged HOST` what nobody declared.',
    '- `play PLAYBOOK -l HOST -C --diff` says what a playbook would change, and changes nothing.',
    '- `play hold HOST --reason TEXT` keeps runs of others away while you work there.',
    '',
  ];
  return lines.join('\n');
}

function overview(hosts: readonly PageHost[], runbooks: RunbookTitles): string[] {
  const services = new Map<string, { readonly service: Service; readonly on: string[] }>();
  for (const { name, declaration } of hosts)
    for (const { service } of declaration.parts) {
      if (service === undefined) continue;
      const known = services.get(service.name) ?? { service, on: [] };
      services.set(service.name, known);
      known.on.push(name);
    }
  if (services.size === 0)
    return [
      'No service is declared in these playbooks (`service: { name, owner, priority, ifItBreaks }`), so this page cannot say what matters and whom to call.',
      '',
    ];
  const order = ['high', 'normal', 'low'];
  const rows = [...services.values()].toSorted(
    (a, b) => order.indexOf(a.service.priority ?? 'normal') - order.indexOf(b.service.priority ?? 'normal'),
  );
  return [
    '| service | priority | owner | on | if it breaks |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ service, on }) =>
        `| ${md(service.name)} | ${service.priority ?? 'normal'} | ${md(service.owner)} | ${on.map(md).join(', ')} | ${whatToDo(service.ifItBreaks, runbooks)} |`,
    ),
    '',
  ];
}

function whatToDo(text: string, runbooks: RunbookTitles): string {
  const runbook = runbookOf(text);
  if (runbook === undefined) return md(text);
  const about = runbooks.get(runbook);
  return `\`play runbook ${runbook}\`${about === undefined ? '' : ` (${md(about)})`}`;
}

function hostLines({ name, groups, declaration, facts }: PageHost, runbooks: RunbookTitles, isOne: boolean): string[] {
  const known = 'survey' in facts ? facts : undefined;
  const about = [
    known === undefined ? '' : `${md(known.survey.os)}.`,
    groups.length === 0 ? '' : `Groups: ${groups.map(md).join(', ')}.`,
    declaration.playbooks.length === 0
      ? 'No playbook of this project is for it.'
      : `Playbooks: ${declaration.playbooks.map((one) => `\`${one}\``).join(', ')}.`,
    `Log in: \`play ssh ${name}\`.`,
  ];
  return [
    ...(isOne ? [`## ${md(name)}`, ''] : []),
    about.filter((part) => part !== '').join(' '),
    '',
    ...('missing' in facts
      ? [`**It could not be reached: ${md(facts.missing)}** What follows is from the playbooks alone.`, '']
      : []),
    ...listed('Held', known?.holds.map((hold) => md(holdText(hold))) ?? []),
    ...listed('Stopped or failed', known?.stopped.map(stoppedText) ?? []),
    ...declaration.parts.flatMap((part) => partLines(part, known, runbooks)),
    ...listed(
      'Jobs whose miss loses data',
      known?.jobs.map((state) => `**${md(state.job.name)}** ${md(jobText(state))}`) ?? [],
    ),
    ...certificateLines(known?.certificates ?? []),
  ];
}

const stoppedText = ({ unit, how, since }: Stopped): string =>
  `\`${unit}\` ${how === 'failed' ? 'has failed' : 'is stopped, though it starts at boot'}${since === undefined ? '' : `, since ${timeText(since)}`}`;

function partLines(part: DeclaredPart, facts: HostFacts | undefined, runbooks: RunbookTitles): string[] {
  const { service, roles, declared } = part;
  const units = [...declared.units].map((unit) => unitText(unit, facts?.survey));
  const names = new Set([...declared.units].flatMap((unit) => unitOf(unit, facts?.survey)?.names ?? [unit]));
  const ports =
    facts?.survey.listeners
      .filter(({ unit }) => names.has(unit))
      .map(({ address, program }) => `\`${address}\` (${md(program)})`) ?? [];
  const users = new Set([
    ...declared.users,
    ...[...declared.units].flatMap((unit) => unitOf(unit, facts?.survey)?.user || []),
  ]);
  const paths = [...declared.paths, ...declared.trees].filter((path, i, all) => all.indexOf(path) === i).toSorted();
  const lines = [
    ...listed('Units', units),
    ...listed(
      'Containers',
      [...declared.containers].map((one) => `\`${one}\``),
    ),
    ...listed(
      'Jobs of cron',
      [...declared.jobs].map((job) => cronText(job, facts?.survey)),
    ),
    ...listed('Listens on', ports),
    ...listed(
      'Users',
      [...users].map((user) => `\`${user}\``),
    ),
    ...listed(
      'Packages',
      declared.packages.size === 0 ? [] : [[...declared.packages].map((one) => `\`${one}\``).join(', ')],
    ),
    ...listed('Files', [
      ...paths.slice(0, mostPaths).map((path) => `\`${path}\``),
      ...(paths.length > mostPaths ? [`and ${paths.length - mostPaths} more`] : []),
    ]),
  ];
  // Checks and questions leave nothing on a host that somebody would have to know.
  if (service === undefined && lines.length === 0) return [];
  const from =
    roles.size === 0
      ? 'of the playbooks themselves'
      : `of the ${roles.size === 1 ? 'role' : 'roles'} ${[...roles].map((one) => `\`${one}\``).join(', ')}`;
  if (service === undefined)
    return [
      `### ${roles.size === 0 ? 'Other tasks of the playbooks' : `Role ${[...roles].map(md).join(', ')}`}`,
      '',
      'No service is declared for it: its owner is unknown.',
      '',
      ...lines,
    ];
  return [
    `### ${md(service.name)}`,
    '',
    ...(service.about === undefined ? [] : [md(service.about), '']),
    `- Priority: **${service.priority ?? 'normal'}**`,
    `- Owner: ${md(service.owner)}`,
    `- If it breaks: ${whatToDo(service.ifItBreaks, runbooks)}`,
    `- To restore it: ${service.restore === undefined ? `not written down: ask ${md(service.owner)}` : whatToDo(service.restore, runbooks)}`,
    `- Declared in: ${[...part.playbooks].map((one) => `playbook \`${one}\``).join(', ')}, ${from}`,
    '',
    ...lines,
  ];
}

function unitOf(unit: string, survey: Survey | undefined): SurveyedUnit | undefined {
  return survey?.units.find(({ names }) => names.includes(unit));
}

function unitText(unit: string, survey: Survey | undefined): string {
  if (survey === undefined) return `\`${unit}\``;
  const found = unitOf(unit, survey);
  if (found === undefined) return `\`${unit}\`: neither runs nor starts at boot`;
  const since = found.since === '' ? '' : ` since ${found.since}`;
  const next = found.next === '' ? '' : `, next at ${found.next}`;
  return `\`${unit}\`: ${found.active}${since}${found.enabled === '' ? '' : `, ${found.enabled}`}${found.user === '' ? '' : `, runs as \`${found.user}\``}${next}`;
}

/** The command of a job may hold what is nobody's business: its time is enough. */
function cronText(job: string, survey: Survey | undefined): string {
  const user = job.slice(0, job.indexOf(' '));
  const name = job.slice(user.length + 1);
  const lines = survey?.crontabs.find((one) => one.user === user)?.lines ?? [];
  const line = lines[lines.indexOf(`#Ansible: ${name}`) + 1] ?? '';
  const isThere = lines.includes(`#Ansible: ${name}`);
  const [, time] = /^(@\w+|(?:\S+\s+){4}\S+)\s/.exec(line) ?? [];
  const when =
    survey === undefined
      ? ''
      : !isThere
        ? ', which is not in its crontab'
        : line.startsWith('#')
          ? ', which is disabled'
          : `, at \`${time ?? '?'}\``;
  return `${md(name)} of \`${user}\`${when}`;
}

function certificateLines(certificates: readonly HostCertificate[]): string[] {
  if (certificates.length === 0) return [];
  const days = (ends: number): number => Math.floor((ends - Date.now()) / 86_400_000);
  return [
    'Certificates:',
    '',
    '| certificate | for | ends | days left |',
    '| --- | --- | --- | --- |',
    ...certificates.map(
      ({ path, names, ends }) =>
        `| \`${path}\` | ${md(names)} | ${new Date(ends).toISOString().slice(0, 10)} | ${days(ends) < 0 ? '**ended**' : days(ends) < 21 ? `**${days(ends)}**` : days(ends)} |`,
    ),
    '',
  ];
}

function listed(head: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${head}:`, '', ...items.map((item) => `- ${item}`), ''];
}

/** Text that is neither Markdown nor HTML, nor ends a cell of a table. */
function md(text: string): string {
  return text.replaceAll(/[\n\r]+/g, ' ').replaceAll(/[\\`*_[\]<>|#]/g, '\\$&');
}
