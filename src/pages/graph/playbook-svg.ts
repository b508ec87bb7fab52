import { html, type Html } from '../html.ts';
import type { DrawnPlay, DrawnTask } from './graph-model.ts';
import { runsOf } from './mermaid.ts';
import { drawing, lineHeight, textAt, widthOf } from './svg.ts';

const margin = 20;
const pad = 12;
/** Between two lines that lead to handlers. */
const lane = 9;

interface Placed {
  readonly task: DrawnTask;
  readonly x: number;
  readonly y: number;
}

/** The plays of a playbook below each other: tasks in order, by role, then handlers; lines lead from tasks to what they notify. */
export function playbookSvg(title: string, plays: readonly DrawnPlay[]): string {
  const width = Math.max(260, ...plays.map(inner)) + 2 * pad;
  const lanes = Math.max(0, ...plays.map(({ tasks }) => tasks.filter(({ kind }) => kind === 'handler').length));
  let y = margin;
  const views = plays.map((play) => {
    const { view, height } = playView(play, y, width);
    y += height + margin;
    return view;
  });
  return drawing(margin * 2 + width + (lanes + 2) * lane, Math.max(y, 2 * margin), title, views);
}

function inner({ name, pattern, hosts, tasks }: DrawnPlay): number {
  const roles = Math.max(0, ...tasks.map(({ role }) => (role === null ? 0 : widthOf(role) + 2 * pad)));
  return (
    Math.max(widthOf(headOf(name, pattern, hosts)), roles + Math.max(0, ...tasks.map((task) => widthOf(task.name)))) +
    pad
  );
}

const headOf = (name: string, pattern: string, hosts: number): string =>
  `${name}: ${pattern === name ? '' : `${pattern}, `}${hosts} ${hosts === 1 ? 'host' : 'hosts'}`;

function playView(play: DrawnPlay, top: number, width: number): { view: Html; height: number } {
  const { name, pattern, hosts, tasks } = play;
  const parts: Html[] = [];
  const placed: Placed[] = [];
  const rail = Math.max(0, ...tasks.map(({ role }) => (role === null ? 0 : widthOf(role) + 2 * pad)));
  let y = top + lineHeight + pad;
  const put = (kind: DrawnTask['kind']): void => {
    for (const [index, { role, tasks: some }] of runsOf(tasks.filter((task) => task.kind === kind)).entries()) {
      const height = some.length * lineHeight + 8;
      if (kind === 'handler' || index % 2 === 0)
        parts.push(
          html`<rect class="${kind === 'handler' ? 'handler' : 'band'}" x="${margin + 1}" y="${y}" width="${width - 2}" height="${height}"/>`,
        );
      if (role !== null) parts.push(textAt(margin + pad, y + lineHeight - 2, role, 'role'));
      for (const [line, task] of some.entries()) {
        const at = { task, x: margin + pad + rail, y: y + lineHeight * (line + 1) - 2 };
        placed.push(at);
        parts.push(textAt(at.x, at.y, task.name, ''));
      }
      y += height;
    }
  };
  put('task');
  if (tasks.some(({ kind }) => kind === 'handler')) {
    parts.push(textAt(margin + pad, y + lineHeight, 'handlers', 'quiet'));
    y += lineHeight + 8;
    put('handler');
  }
  const height = y - top + 6;
  const box = html`<rect class="box" x="${margin}" y="${top}" width="${width}" height="${height}" rx="6"/>`;
  const head = textAt(margin + pad, top + lineHeight, headOf(name, pattern, hosts), 'title');
  return { view: html`<g>${box}${head}${parts}${notifyLines(placed, margin + width)}</g>\n`, height };
}

/** One lane for each handler, so that all that notify it run together. */
function notifyLines(placed: readonly Placed[], right: number): Html[] {
  const handlers = placed.filter(({ task }) => task.kind === 'handler');
  return handlers.flatMap((handler, index) => {
    const x = right + (index + 1) * lane;
    const from = placed.filter(({ task }) => task.notifies.includes(handler.task.key));
    if (from.length === 0) return [];
    const mid = (one: Placed): number => one.y - 4;
    return [
      ...from.map((one) => html`<path class="notify" d="M${right} ${mid(one)}H${x}V${mid(handler)}H${right + 5}"/>`),
      html`<path class="tip" d="M${right} ${mid(handler)}l6 -3.5v7z"/>`,
    ];
  });
}
