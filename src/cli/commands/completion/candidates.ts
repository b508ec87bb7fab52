import { unfinishedRuns } from '../../../operator/known-runs.ts';
import { schemaRows } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { findProject } from '../../../project/project.ts';
import { commandTexts } from '../../parse.ts';
import { projectRoles } from '../find-roles.ts';
import { allTags, mergedTasks } from '../listings.ts';
import { services } from '../new/skeleton.ts';
import { knownResources } from '../resource.ts';
import { runbookNames } from '../runbook/find-runbook.ts';
import { describe, type AnyCommand, type DescribedCommand, type DescribedOption } from './describe.ts';
import { readLine, type TypedLine } from './line.ts';
import { ProjectNames } from './project-names.ts';

export interface Candidate {
  readonly value: string;
  /** What it is for; empty where there is nothing to say. */
  readonly text: string;
}

export interface Answer {
  readonly candidates: readonly Candidate[];
  /** Names of files are good, too. */
  readonly files: boolean;
}

/** What a word may be. */
interface Names {
  readonly candidates: readonly Candidate[];
  readonly files?: boolean;
}

/**
 * What the last word of a command line may become.
 *
 * @param words behind `play`; the last one is as far as it is typed
 */
export async function complete(
  words: readonly string[],
  launch: Launch,
  commands: ReadonlyMap<string, AnyCommand>,
): Promise<Answer> {
  const [first = ''] = words;
  const isCommand = words.length > 1 && first !== '' && commands.has(first);
  const command = commands.get(isCommand ? first : '');
  if (command === undefined) return { candidates: [], files: false };
  const rest = isCommand ? words.slice(1) : words;
  const described = await describe(command, launch, first === 'vault' && rest.length > 1 ? rest.slice(0, 1) : []);
  const line = readLine(first === 'vault' && rest.length > 1 ? rest.slice(1) : rest, described);
  const names = new ProjectNames(launch, line);
  const { candidates, files = false } =
    line.isForeign && line.current.startsWith('-')
      ? { candidates: [] }
      : line.open !== undefined
        ? await valueOf(line.open, isCommand ? first : '', line, names)
        : line.current.startsWith('-') && !line.isForeign
          ? { candidates: described.options.flatMap(({ names: all, text }) => all.map((value) => ({ value, text }))) }
          : await argumentOf(described, isCommand ? first : '', line, names, launch);
  return {
    candidates: candidates
      .filter(({ value }) => value.startsWith(line.current))
      .map(({ value, text }) => ({ value: `${line.before}${value}`, text })),
    files,
  };
}

const plain = (values: readonly string[], text = ''): Candidate[] => values.map((value) => ({ value, text }));

async function valueOf(option: DescribedOption, command: string, line: TypedLine, names: ProjectNames): Promise<Names> {
  const name = option.names.at(-1) ?? '';
  if (option.words !== undefined) return { candidates: plain(option.words) };
  if (name === '--limit')
    return { candidates: joined(line.current, await hostsAndGroups(names, true), /^.*[,:][&!]?|^/) };
  if (name === '--groups') return { candidates: joined(line.current, plain(await names.groups()), /^.*,|^/) };
  if (name === '--host') return { candidates: plain(await names.hosts()) };
  const [playbook] = line.positional;
  const hasTasks = playbook !== undefined && ['', 'rehearse'].includes(command);
  if (hasTasks && (name === '--tags' || name === '--skip-tags')) {
    const { plays } = await names.prepared(playbook);
    return { candidates: joined(line.current, plain([...new Set(plays.flatMap(allTags))].sort()), /^.*,|^/) };
  }
  if (hasTasks && name === '--start-at-task') {
    const tasks = (await names.prepared(playbook)).plays.flatMap(mergedTasks);
    return { candidates: plain([...new Set(tasks.map(({ task }) => task))]) };
  }
  return { candidates: [], files: /file|folder|dir|path|inventory/i.test(`${name} ${option.value ?? ''}`) };
}

/** Of a list the part that is being typed. @param before what stands before it */
function joined(current: string, candidates: readonly Candidate[], before: RegExp): Candidate[] {
  const [kept = ''] = before.exec(current) ?? [];
  return candidates.map(({ value, text }) => ({ value: `${kept}${value}`, text }));
}

async function hostsAndGroups(names: ProjectNames, isLimit: boolean): Promise<Candidate[]> {
  return [
    ...plain(await names.hosts(), 'host'),
    ...plain(await names.groups(), 'group'),
    ...(isLimit ? [{ value: '@failed', text: 'those the last run failed on' }] : []),
  ];
}

async function argumentOf(
  described: DescribedCommand,
  command: string,
  line: TypedLine,
  names: ProjectNames,
  launch: Launch,
): Promise<Names> {
  const { positional, current } = line;
  const last = described.arguments.at(-1);
  const argument = described.arguments[positional.length] ?? (last?.isVariadic ? last : undefined);
  if (argument === undefined) return { candidates: [] };
  if (command === '') {
    // The first word may be a command as well.
    const playbooks = plain(await names.playbooks(), 'playbook');
    return { candidates: [...commandNames(), ...playbooks], files: true };
  }
  if (argument.name.includes('|')) return { candidates: plain(argument.name.split('|')) };
  switch (argument.name) {
    case 'playbook':
      return { candidates: command === 'compare' ? [] : plain(await names.playbooks()), files: true };
    case 'host':
    case 'pattern':
      return { candidates: joined(current, await hostsAndGroups(names, false), /^.*[,:][&!]?|^/) };
    case 'resource':
      return { candidates: knownResources().map(({ name, summary }) => ({ value: name, text: summary })) };
    case 'option=value':
      return { candidates: optionsOf(positional[0] ?? '', current) };
    case 'ansible':
      return { candidates: plain(['ansible']) };
    case 'run':
      return { candidates: command === 'resume' ? plain(unfinishedRuns().map(({ id }) => id)) : [] };
    case 'what':
      return { candidates: plain(['status']) };
    case 'name':
      if (command === 'role')
        return {
          candidates: plain([
            ...new Set([...projectRoles(findProject() ?? process.cwd()), ...Object.keys(launch.roles())]),
          ]),
        };
      if (command === 'new' && positional[0] === 'ci') return { candidates: plain(services) };
      if (command === 'runbook') return { candidates: plain(runbookNames()), files: true };
      return { candidates: command === 'host' && positional[0] === 'remove' ? plain(await names.hosts()) : [] };
    default:
      return { candidates: [], files: line.isForeign || /file|folder|path|plan|options|command/.test(argument.name) };
  }
}

/** `name=` of a resource, and behind that what a schema lists. */
function optionsOf(resource: string, current: string): Candidate[] {
  const found = knownResources().find(({ name }) => name === resource);
  if (found === undefined) return [];
  const rows = schemaRows(found.options).filter(({ name }) => !name.includes('.'));
  const [, typed] = /^([^=]+)=/.exec(current) ?? [];
  if (typed === undefined) return rows.map(({ name, text }) => ({ value: `${name}=`, text }));
  const type = rows.find(({ name }) => name === typed)?.type ?? '';
  const values =
    type === 'boolean' ? ['true', 'false'] : [...type.matchAll(/['"`]([\w.-]+)['"`]/g)].map(([, word = '']) => word);
  return plain(values.map((value) => `${typed}=${value}`));
}

const commandNames = (): Candidate[] => [...commandTexts()].map(([value, text]) => ({ value, text }));
