/** Drawings of inventories and playbooks, as Mermaid and SVG. */
import { describe, expect, test } from 'vitest';
import { parseXml, type XmlElement } from '../../src/formats/xml-tree.ts';
import type { DrawnGroup, DrawnPlay } from '../../src/pages/graph/graph-model.ts';
import { graphText } from '../../src/pages/graph/graph-text.ts';
import { hostile } from './models.ts';

const groups: readonly DrawnGroup[] = [
  { name: 'all', depth: 0, hosts: [], children: ['web', 'prod'] },
  { name: 'prod', depth: 1, hosts: [], children: ['web', 'db'] },
  { name: 'web', depth: 2, hosts: ['web1', 'web2'], children: [] },
  { name: 'db', depth: 2, hosts: ['web1', `db"1"; end #35 ${hostile}`], children: [] },
];

const play: DrawnPlay = {
  name: 'web servers',
  pattern: 'web',
  hosts: 2,
  tasks: [
    { key: 'a', kind: 'task', role: 'nginx', name: 'install', notifies: [] },
    { key: 'b', kind: 'task', role: 'nginx', name: hostile, notifies: ['h'] },
    { key: 'c', kind: 'task', role: null, name: 'end', notifies: ['h', 'gone'] },
    { key: 'h', kind: 'handler', role: 'nginx', name: 'reload nginx', notifies: [] },
  ],
};

function all(one: XmlElement): XmlElement[] {
  return [one, ...one.children.flatMap(all)];
}

describe('an inventory', () => {
  test('as Mermaid: each group once, with its hosts, and an edge for each that is in another', () => {
    const lines = graphText('mermaid', { groups }).split('\n');
    expect(lines[0]).toBe('flowchart LR');
    expect(lines.filter((line) => line.includes('-->'))).toEqual(
      ['g0 --> g2', 'g0 --> g1', 'g1 --> g2', 'g1 --> g3'].map((line) => `  ${line}`),
    );
    expect(lines[3]).toBe('  g2["web<br/>web1<br/>web2"]');
  });

  test('as SVG: a box a group, none over another, dashed where it stands elsewhere', () => {
    const elements = all(parseXml(graphText('svg', { groups })));
    const boxes = elements.filter(
      ({ name, attributes }) => name === 'rect' && attributes.some((one) => one.value === 'box'),
    );
    const placed = boxes.map(({ attributes }) => {
      const number = (name: string): number => Number(attributes.find((one) => one.name === name)?.value);
      return {
        x: number('x'),
        y: number('y'),
        right: number('x') + number('width'),
        bottom: number('y') + number('height'),
      };
    });
    expect(placed).toHaveLength(4);
    for (const [i, a] of placed.entries())
      for (const b of placed.slice(i + 1))
        expect(a.right <= b.x || b.right <= a.x || a.bottom <= b.y || b.bottom <= a.y).toBe(true);
    expect(
      elements.filter(({ name, attributes }) => name === 'path' && attributes.some((one) => one.value === 'edge more')),
    ).toHaveLength(1);
  });
});

describe('a playbook', () => {
  test('as Mermaid: plays, roles and tasks in order, and what is notified', () => {
    const text = graphText('mermaid', { title: 'site', plays: [play, { ...play, name: 'again' }] });
    expect(text).toContain('subgraph p0["web servers: web (2 hosts)"]');
    expect(text).toContain('subgraph p0r0["nginx"]');
    expect(text).toContain('p0t0 --> p0t1');
    expect(text.match(/-\. notify \.->/g)).toHaveLength(4);
    expect(text).toContain('  p0 --> p1\n');
  });

  test('as SVG: a line from each task to each handler that it notifies', () => {
    const elements = all(parseXml(graphText('svg', { title: 'site', plays: [play] })));
    expect(elements.filter(({ attributes }) => attributes.some((one) => one.value === 'notify'))).toHaveLength(2);
    expect(elements.filter(({ name }) => name === 'text').map(({ text }) => text)).toContain('reload nginx');
  });
});

test('names are nothing but names', () => {
  for (const drawn of [{ groups }, { title: hostile, plays: [play] }]) {
    const mermaid = graphText('mermaid', drawn);
    for (const line of mermaid.split('\n'))
      expect(line.replaceAll('<br/>', '')).toMatch(/^(?:[^"]*|[^"]*"[\p{L}\p{N} _./:,=+()#;-]*"[^"]*)$/u);
    const elements = all(parseXml(graphText('svg', drawn)));
    expect(new Set(elements.map(({ name }) => name))).not.toContain('img');
  }
});

test('nothing to draw is a drawing of nothing', () => {
  for (const drawn of [{ groups: [] }, { title: 'empty', plays: [] }]) {
    expect(parseXml(graphText('svg', drawn)).name).toBe('svg');
    expect(graphText('svg', drawn)).not.toMatch(/NaN|Infinity/);
    expect(graphText('mermaid', drawn)).toMatch(/^flowchart/);
  }
});
