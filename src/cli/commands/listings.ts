import { relative } from 'node:path';
import type { Flags } from '../../options/flags.ts';
import { inOneOrder, type PreparedPlay, type PreparedRun } from '../../run/index.ts';

type Wanted = Pick<Flags, 'listHosts' | 'listTasks' | 'listTags'>;

/** What `--list-hosts`, `--list-tasks` and `--list-tags` tell of a play; what was not asked for is left out. */
interface ListedPlay {
  readonly play: string;
  readonly pattern: string;
  readonly tags: readonly string[];
  readonly hosts?: readonly string[];
  readonly tasks?: readonly ListedLine[];
  readonly taskTags?: readonly string[];
}

interface ListedLine {
  readonly role: string | null;
  readonly task: string;
  readonly tags: readonly string[];
}

function listPlay(play: PreparedPlay, { listHosts, listTasks, listTags }: Wanted): ListedPlay {
  return {
    play: play.name,
    pattern: typeof play.spec.hosts === 'string' ? play.spec.hosts : play.spec.hosts.join(','),
    tags: tagWords(play.spec.tags),
    ...(listHosts ? { hosts: play.hosts } : {}),
    ...(listTasks ? { tasks: mergedTasks(play).map(({ role, task, tags }) => ({ role, task, tags })) } : {}),
    ...(listTags ? { taskTags: allTags(play) } : {}),
  };
}

/** The listings as text, alone or together: ansible-playbook's form. */
export function listingText(prepared: PreparedRun, wanted: Wanted): string {
  const lines = ['', `playbook: ${nameOf(prepared)}`];
  for (const [index, play] of prepared.plays.entries()) {
    const { play: name, pattern, tags, hosts, tasks, taskTags } = listPlay(play, wanted);
    lines.push('', `  play #${index + 1} (${pattern}): ${name}\tTAGS: [${tags.join(', ')}]`);
    if (hosts)
      lines.push(
        `    pattern: ['${pattern}']`,
        `    hosts (${hosts.length}):`,
        ...hosts.map((host) => `      ${host}`),
      );
    if (tasks) lines.push('    tasks:', ...tasks.map((one) => `      ${titleOf(one)}\tTAGS: [${one.tags.join(', ')}]`));
    if (taskTags) lines.push(`      TASK TAGS: [${taskTags.join(', ')}]`);
  }
  return `${lines.join('\n')}\n`;
}

/** The same as events, for `--output jsonl`. */
export function listingEvents(prepared: PreparedRun, wanted: Wanted): object[] {
  return prepared.plays.map((play) => ({ event: 'listing', playbook: nameOf(prepared), ...listPlay(play, wanted) }));
}

function nameOf({ request: { file } }: PreparedRun): string {
  return relative(process.cwd(), file) || file;
}

function tagWords(tags: string | readonly string[] | undefined): string[] {
  return (tags === undefined ? [] : typeof tags === 'string' ? tags.split(',') : [...tags])
    .map((tag) => tag.trim())
    .sort();
}

function titleOf({ role, task }: Pick<ListedLine, 'role' | 'task'>): string {
  return role === null ? task : `${role} : ${task}`;
}

interface Line extends ListedLine {
  readonly key: string;
}

/** The tasks of all hosts as one list. Hosts may have different ones; each stands where its own host has it. */
export function mergedTasks(play: PreparedPlay): Line[] {
  const lists = [...play.selected.values()].map(({ tasks }) =>
    numbered(tasks.map(({ task, role, tags }) => ({ role, task: task.name, tags: [...tags].sort() }))),
  );
  return inOneOrder(lists, ({ key }) => key);
}

/** Two tasks of one name are two lines. */
function numbered(lines: readonly Omit<Line, 'key'>[]): Line[] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const name = `${titleOf(line)}\t${line.tags.join(', ')}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { ...line, key: `${name}\t${count}` };
  });
}

export function allTags(play: PreparedPlay): string[] {
  return [...new Set([...play.selected.values()].flatMap(({ tasks }) => tasks.flatMap(({ tags }) => tags)))].sort();
}
