import { html, type Html } from '../html.ts';
import type { DrawnGroup } from './graph-model.ts';
import { drawing, lineHeight, textAt, widthOf } from './svg.ts';

const pad = 10;
const gapX = 48;
const gapY = 12;
/** More hosts of a group than these are a count, all of them in its tooltip. */
const mostHosts = 40;

interface Box {
  readonly group: DrawnGroup;
  readonly lines: readonly string[];
  readonly width: number;
  readonly height: number;
  x: number;
  y: number;
}

/**
 * The groups of an inventory from left to right, each with its hosts. A group stands below the first of its parents that is
 * next to it; from others a dashed line leads to it.
 */
export function inventorySvg(groups: readonly DrawnGroup[]): string {
  const boxes = new Map(groups.map((group) => [group.name, boxOf(group)]));
  const columns: number[] = [];
  for (const { group, width } of boxes.values()) columns[group.depth] = Math.max(columns[group.depth] ?? 0, width);
  const left = columns.map((_, depth) => columns.slice(0, depth).reduce((sum, width) => sum + (width ?? 0) + gapX, 20));
  const placed = new Map<Box, Box | undefined>();
  let bottom = 20;
  const place = (box: Box, parent: Box | undefined, y: number): number => {
    placed.set(box, parent);
    [box.x, box.y] = [left[box.group.depth] ?? 20, y];
    let next = y;
    for (const name of box.group.children) {
      const child = boxes.get(name);
      if (child === undefined || placed.has(child) || child.group.depth !== box.group.depth + 1) continue;
      next = place(child, box, next) + gapY;
    }
    return Math.max(y + box.height, next - gapY);
  };
  for (const box of boxes.values()) if (box.group.depth === 0) bottom = place(box, undefined, bottom) + gapY;
  for (const box of boxes.values()) if (!placed.has(box)) bottom = place(box, undefined, bottom) + gapY;
  const edges = [...boxes.values()].flatMap((box) =>
    box.group.children.flatMap((name) => {
      const child = boxes.get(name);
      return child ? [edge(box, child, placed.get(child) === box)] : [];
    }),
  );
  const all = [...boxes.values()];
  const hosts = new Set(groups.flatMap((group) => group.hosts)).size;
  return drawing(
    Math.max(20, ...all.map(({ x, width }) => x + width)) + 20,
    Math.max(20, ...all.map(({ y, height }) => y + height)) + 20,
    `Inventory: ${groups.length} groups, ${hosts} hosts`,
    [...edges, ...all.map(boxView)],
  );
}

function boxOf(group: DrawnGroup): Box {
  const { hosts, name } = group;
  const lines =
    hosts.length > mostHosts ? [...hosts.slice(0, mostHosts), `and ${hosts.length - mostHosts} more`] : hosts;
  const width = Math.max(...[name, ...lines].map(widthOf)) + 2 * pad;
  return {
    group,
    lines,
    width,
    height: (lines.length + 1) * lineHeight + pad + (lines.length > 0 ? 6 : 0),
    x: 0,
    y: 0,
  };
}

function boxView({ group, lines, x, y, width, height }: Box): Html {
  return html`<g>${group.hosts.length > lines.length - 1 && lines.length > mostHosts && html`<title>${group.hosts.join(', ')}</title>`}<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>
${textAt(x + pad, y + lineHeight, group.name, 'title')}
${lines.map((line, index) => textAt(x + pad, y + lineHeight * (index + 2) + 6, line, 'quiet'))}</g>
`;
}

function edge(from: Box, to: Box, isFirst: boolean): Html {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + lineHeight - 4, to.x, to.y + lineHeight - 4];
  return html`<path class="edge${!isFirst && ' more'}" d="M${x1} ${y1}H${x2 - gapX / (isFirst ? 2 : 3)}V${y2}H${x2}"/>
`;
}
