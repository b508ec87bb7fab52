import type { XmlElement } from './xml-tree.ts';

/** One step of a path: `/name[@id='x'][2]`, `//name`. */
export interface XmlStep {
  readonly name: string;
  readonly anywhere: boolean;
  readonly tests: readonly XmlTest[];
}

export type XmlTest =
  | { readonly kind: 'position'; readonly at: number | 'last' }
  | { readonly kind: 'attribute' | 'child'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'text'; readonly value: string };

export interface XmlPath {
  readonly steps: readonly XmlStep[];
  /** `/@name` at the end. */
  readonly attribute: string | undefined;
}

const name = String.raw`[^\s/@()[\]='"]+`;
const stepPattern = new RegExp(String.raw`(//?)(${name})((?:\[(?:[^\]"']|"[^"]*"|'[^']*')*\])*)`, 'y');

/** Reads the part of XPath that settings are found by. @returns undefined for what is beyond it */
export function parseXmlPath(text: string): XmlPath | undefined {
  const steps: XmlStep[] = [];
  const tail = new RegExp(`/@(${name})$`).exec(text);
  const way = tail ? text.slice(0, tail.index) : text.replace(/\/text\(\)$/, '');
  for (stepPattern.lastIndex = 0; stepPattern.lastIndex < way.length;) {
    const found = stepPattern.exec(way);
    if (!found) return undefined;
    const tests = [...(found[3] ?? '').matchAll(/\[((?:[^\]"']|"[^"]*"|'[^']*')*)\]/g)].map(([, inside = '']) =>
      parseTest(inside.trim()),
    );
    if (tests.some((test) => test === undefined)) return undefined;
    steps.push({
      name: found[2] ?? '',
      anywhere: found[1] === '//',
      tests: tests.filter((test) => test !== undefined),
    });
  }
  return steps.length === 0 ? undefined : { steps, attribute: tail?.[1] };
}

function parseTest(text: string): XmlTest | undefined {
  if (/^[1-9]\d*$/.test(text)) return { kind: 'position', at: Number(text) };
  if (text === 'last()') return { kind: 'position', at: 'last' };
  const [, left = '', double, single] =
    new RegExp(String.raw`^(@?${name}|text\(\)|\.)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'))?$`).exec(text) ?? [];
  const value = double ?? single;
  if (left === '') return undefined;
  if (left === '.' || left === 'text()') return value === undefined ? undefined : { kind: 'text', value };
  return left.startsWith('@')
    ? { kind: 'attribute', name: left.slice(1), value }
    : { kind: 'child', name: left, value };
}

/** The elements a path leads to, in the order of the text. Names are compared as they are written, prefix and all. */
export function findElements(root: XmlElement, steps: readonly XmlStep[]): XmlElement[] {
  const top = { children: [root] };
  let found: readonly Pick<XmlElement, 'children'>[] = [top];
  for (const { name: wanted, anywhere, tests } of steps) {
    const next = found.flatMap((one) =>
      applyTests(
        (anywhere ? below(one) : one.children).filter((child) => wanted === '*' || child.name === wanted),
        tests,
      ),
    );
    found = [...new Set(next)];
  }
  return found as XmlElement[];
}

function below(element: Pick<XmlElement, 'children'>): XmlElement[] {
  return element.children.flatMap((child) => [child, ...below(child)]);
}

function applyTests(elements: readonly XmlElement[], tests: readonly XmlTest[]): readonly XmlElement[] {
  return tests.reduce((left, test) => left.filter((one, i) => holds(test, one, i, left.length)), elements);
}

function holds(test: XmlTest, element: XmlElement, index: number, count: number): boolean {
  switch (test.kind) {
    case 'position':
      return index === (test.at === 'last' ? count : test.at) - 1;
    case 'attribute':
      return element.attributes.some(
        (one) => one.name === test.name && (test.value === undefined || one.value === test.value),
      );
    case 'child':
      return element.children.some(
        (one) => one.name === test.name && (test.value === undefined || one.text.trim() === test.value),
      );
    case 'text':
      return element.text.trim() === test.value;
  }
}
