import { relative } from 'node:path';
import type { PreparedPlay, PreparedRun } from '../run/index.ts';
import type { Flags } from './flags.ts';

/** What `--list-hosts`, `--list-tasks` and `--list-tags` print, alone or together: ansible-playbook's form. */
export function listingOf(prepared: PreparedRun, flags: Pick<Flags, 'listHosts' | 'listTasks' | 'listTags'>): string {
  const lines = ['', `playbook: ${relative(process.cwd(), prepared.request.file) || prepared.request.file}`];
  for (const [index, play] of prepared.plays.entries()) {
    const pattern = typeof play.spec.hosts === 'string' ? play.spec.hosts : play.spec.hosts.join(',');
    lines.push('', `  play #${index + 1} (${pattern}): ${play.name}\tTAGS: [${tagText(play.spec.tags)}]`);
    if (flags.listHosts) lines.push(`    pattern: ['${pattern}']`, `    hosts (${play.hosts.length}):`, ...play.hosts.map((host) => `      ${host}`));
    if (flags.listTasks) {
      lines.push('    tasks:', ...mergedTasks(play).map(({ title, tags }) => `      ${title}\tTAGS: [${tags}]`));
    }
    if (flags.listTags) lines.push(`      TASK TAGS: [${allTags(play)}]`);
  }
  return `${lines.join('\n')}\n`;
}

function tagText(tags: string | readonly string[] | undefined): string {
  return (tags === undefined ? [] : typeof tags === 'string' ? tags.split(',') : [...tags]).map((tag) => tag.trim()).sort().join(', ');
}

interface Line {
  readonly key: string;
  readonly title: string;
  readonly tags: string;
}

/** The tasks of all hosts as one list. Hosts may have different ones; each stands where its own host has it. */
function mergedTasks(play: PreparedPlay): Line[] {
  const merged: Line[] = [];
  const keys = new Set<string>();
  for (const { tasks } of play.selected.values()) {
    const lines = numbered(tasks.map(({ task, role, tags }) => ({ title: role === null ? task.name : `${role} : ${task.name}`, tags: [...tags].sort().join(', ') })));
    if (lines.every(({ key }) => keys.has(key))) continue;
    let at = 0;
    for (const line of lines) {
      if (keys.has(line.key)) {
        at = merged.findIndex(({ key }) => key === line.key) + 1;
      } else {
        keys.add(line.key);
        merged.splice(at++, 0, line);
      }
    }
  }
  return merged;
}

/** Two tasks of one name are two lines. */
function numbered(lines: readonly Omit<Line, 'key'>[]): Line[] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const name = `${line.title}\t${line.tags}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { ...line, key: `${name}\t${count}` };
  });
}

function allTags(play: PreparedPlay): string {
  return [...new Set([...play.selected.values()].flatMap(({ tasks }) => tasks.flatMap(({ tags }) => tags)))].sort().join(', ');
}
