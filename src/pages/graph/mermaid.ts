import { visible } from '../../connection/byte-text.ts';
import { onOneLine } from '../../formats/control-characters.ts';
import type { DrawnGroup, DrawnPlay, DrawnTask } from './graph-model.ts';

/** More hosts of a group than these are a count. */
const mostHosts = 40;

/**
 * The groups of an inventory as Mermaid. Hosts are lines in the boxes of their groups: Mermaid draws no more than 500 edges.
 */
export function inventoryMermaid(groups: readonly DrawnGroup[]): string {
  const ids = new Map(groups.map(({ name }, index) => [name, `g${index}`]));
  return lines([
    'flowchart LR',
    ...groups.map(({ name, hosts }) => {
      const rest = hosts.length > mostHosts ? [`and ${hosts.length - mostHosts} more`] : [];
      return `  ${ids.get(name)}["${[name, ...hosts.slice(0, mostHosts), ...rest].map(safe).join('<br/>')}"]`;
    }),
    ...groups.flatMap(({ name, children }) =>
      children.flatMap((child) => (ids.has(child) ? [`  ${ids.get(name)} --> ${ids.get(child)}`] : [])),
    ),
  ]);
}

/** The plays of a playbook: their tasks in order, in the boxes of their roles, and what notifies which handler. */
export function playbookMermaid(plays: readonly DrawnPlay[]): string {
  return lines([
    'flowchart TB',
    ...plays.flatMap(playLines),
    ...plays.slice(1).map((_, index) => `  p${index} --> p${index + 1}`),
  ]);
}

function playLines({ name, pattern, hosts, tasks }: DrawnPlay, number: number): string[] {
  const ids = new Map(tasks.map(({ key }, index) => [key, `p${number}t${index}`]));
  const listed = tasks.filter(({ kind }) => kind === 'task');
  const handlers = tasks.filter(({ kind }) => kind === 'handler');
  const node = ({ key, name: task }: DrawnTask): string => `${ids.get(key)}[${label(task)}]`;
  return [
    `  subgraph p${number}[${label(`${name}: ${pattern} (${hosts} ${hosts === 1 ? 'host' : 'hosts'})`)}]`,
    '    direction TB',
    ...runsOf(listed).flatMap(({ role, tasks: some }, part) =>
      role === null
        ? some.map((task) => `    ${node(task)}`)
        : [`    subgraph p${number}r${part}[${label(role)}]`, ...some.map((task) => `      ${node(task)}`), '    end'],
    ),
    ...handlers.map(({ key, name: task }) => `    ${ids.get(key)}([${label(task)}])`),
    ...listed.slice(1).map(({ key }, index) => `    ${ids.get(listed[index]?.key ?? '')} --> ${ids.get(key)}`),
    ...tasks.flatMap(({ key, notifies }) =>
      notifies.flatMap((handler) =>
        ids.has(handler) ? [`    ${ids.get(key)} -. notify .-> ${ids.get(handler)}`] : [],
      ),
    ),
    '  end',
  ];
}

/** Neighbours of one role together. */
export function runsOf(tasks: readonly DrawnTask[]): { readonly role: string | null; readonly tasks: DrawnTask[] }[] {
  const runs: { readonly role: string | null; readonly tasks: DrawnTask[] }[] = [];
  for (const task of tasks) {
    const last = runs.at(-1);
    if (last?.role === task.role) last.tasks.push(task);
    else runs.push({ role: task.role, tasks: [task] });
  }
  return runs;
}

const label = (text: string): string => `"${safe(text)}"`;

/** A text inside of quotes: what Mermaid, Markdown or HTML could take for their own is written by its number. */
function safe(text: string): string {
  return visible(onOneLine(text)).replace(/[^\p{L}\p{N} _./:,=+()-]/gu, (one) => `#${one.codePointAt(0)};`);
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
