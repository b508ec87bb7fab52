import { EditRefused } from './text-edit.ts';
import { findElements, type XmlPath, type XmlStep } from './xml-path.ts';
import { encodeXml, parseXml, type XmlElement } from './xml-tree.ts';

/** What `xmlFile` shall make of a text. */
export interface XmlEdit {
  readonly path: XmlPath;
  readonly attribute: string | undefined;
  readonly value: string | undefined;
  readonly state: 'present' | 'absent';
  /** Elements as text, to be among the children, or all of them. */
  readonly addChildren: readonly string[];
  readonly setChildren: readonly string[] | undefined;
}

/** Changes what differs and nothing else; each change is looked up anew in the text as it is by then. */
export function editXml(text: string, edit: XmlEdit): string {
  if (edit.state === 'absent') {
    const without = removed(text, edit);
    if (removed(without, edit) !== without)
      throw new EditRefused(
        'with one element gone the path leads to the next, so that every run would remove another; name it by what it holds, not by its place',
      );
    return without;
  }
  let made = text;
  for (let i = 0; i < 10_000; i++) {
    const next = fix(made, edit);
    if (next === undefined || next === made) return made;
    made = next;
  }
  throw new EditRefused('the edit does not end');
}

function splice(text: string, start: number, end: number, made: string): string {
  return text.slice(0, start) + made + text.slice(end);
}

/** The text without all that the path leads to: from behind, so that what stands before keeps its place. */
function removed(text: string, { path, attribute }: XmlEdit): string {
  const root = parseXml(text);
  const found = findElements(root, path.steps).sort((a, b) => b.start - a.start);
  if (attribute !== undefined) return found.reduce((made, element) => withoutAttribute(made, element, attribute), text);
  if (found.includes(root)) throw new EditRefused('the root element cannot be removed');
  const outer = found.filter(
    (one) => !found.some((other) => other !== one && other.start < one.start && one.end <= other.end),
  );
  return outer.reduce((made, element) => withoutElement(made, element), text);
}

/** The text with the first difference fixed; undefined where there is none. */
function fix(text: string, edit: XmlEdit): string | undefined {
  const root = parseXml(text);
  const found = findElements(root, edit.path.steps);
  if (found.length === 0) return withMissing(text, root, edit.path.steps);
  for (const element of found) {
    const made = mendElement(text, element, edit);
    if (made !== undefined && made !== text) return made;
  }
  return undefined;
}

function mendElement(
  text: string,
  element: XmlElement,
  { attribute, value, addChildren, setChildren }: XmlEdit,
): string | undefined {
  if (attribute !== undefined && value !== undefined) return withAttribute(text, element, attribute, value);
  if (value !== undefined) {
    if (element.children.length > 0)
      throw new EditRefused(`<${element.name}> has elements inside, which \`value\` would remove; use \`setChildren\``);
    return element.text === value ? undefined : withInner(text, element, encodeXml(value, false));
  }
  const now = element.children.map((child) => meaning(child));
  if (
    setChildren &&
    !sameList(
      now,
      setChildren.map((child) => meaning(parseXml(child))),
    )
  ) {
    const indent = indentOf(text, element);
    return withInner(
      text,
      element,
      setChildren.length === 0
        ? ''
        : `${setChildren.map((child) => `\n${indent}${unitOf(text)}${child}`).join('')}\n${indent}`,
    );
  }
  const missing = addChildren.find((child) => !now.includes(meaning(parseXml(child))));
  return missing === undefined ? undefined : withChild(text, element, missing);
}

/** What an element says, whatever blanks and quotes it is written with. */
function meaning({ name, attributes, children, text }: XmlElement): string {
  const own = attributes.map((one) => [one.name, one.value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return JSON.stringify([name, own, children.length > 0 ? text.trim() : text, children.map(meaning)]);
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}

function withAttribute(text: string, element: XmlElement, name: string, value: string): string | undefined {
  const now = element.attributes.find((one) => one.name === name);
  if (now?.value === value) return undefined;
  if (!now) {
    const at = element.attributes.at(-1)?.end ?? element.nameEnd;
    return splice(text, at, at, ` ${name}="${encodeXml(value, true)}"`);
  }
  const source = text.slice(now.start, now.end);
  const equals = source.indexOf('=');
  return splice(
    text,
    now.start,
    now.end,
    `${source.slice(0, equals)}${/^=\s*/.exec(source.slice(equals))?.[0] ?? '='}"${encodeXml(value, true)}"`,
  );
}

function withoutAttribute(text: string, element: XmlElement, name: string): string {
  const now = element.attributes.find((one) => one.name === name);
  return now ? splice(text, now.start, now.end, '') : text;
}

/** With a line of its own the line goes too. */
function withoutElement(text: string, { start, end }: XmlElement): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end))?.[0].length;
  return text.slice(lineStart, start).trim() === '' && rest !== undefined
    ? splice(text, lineStart, end + rest, '')
    : splice(text, start, end, '');
}

function withInner(text: string, element: XmlElement, made: string): string {
  if (element.inner) return splice(text, element.inner.start, element.inner.end, made);
  const open = text.slice(element.start, element.end).replace(/\s*\/>$/, '>');
  return splice(text, element.start, element.end, `${open}${made}</${element.name}>`);
}

function indentOf(text: string, { start }: XmlElement): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1))?.[0] ?? '';
}

function unitOf(text: string): string {
  return /\n([ \t]+)<[^/!]/.exec(text)?.[1] ?? '  ';
}

/** Behind the last child, in its column. */
function withChild(text: string, element: XmlElement, child: string): string {
  const last = element.children.at(-1);
  if (!last) {
    const inside = element.inner ? text.slice(element.inner.start, element.inner.end).trimEnd() : '';
    const indent = indentOf(text, element);
    return text.includes('\n')
      ? withInner(text, element, `${inside}\n${indent}${unitOf(text)}${child}\n${indent}`)
      : withInner(text, element, inside + child);
  }
  const between = text.slice(text.lastIndexOf('\n', last.start - 1) + 1, last.start);
  if (between.trim() !== '' || !text.includes('\n')) return splice(text, last.end, last.end, child);
  // What is said of it behind it stays with it.
  const said = /^(?:[ \t]*<!--(?:(?!-->).)*-->)+(?=[ \t]*\r?\n)/.exec(text.slice(last.end))?.[0].length ?? 0;
  return splice(text, last.end + said, last.end + said, `\n${between}${child}`);
}

/** Makes the first step that is not there; the next round makes the one below it. */
function withMissing(text: string, root: XmlElement, steps: readonly XmlStep[]): string {
  const there = steps.findLastIndex((_, i) => findElements(root, steps.slice(0, i + 1)).length > 0);
  const [above] = there < 0 ? [] : findElements(root, steps.slice(0, there + 1));
  const next = steps[there + 1];
  if (next?.anywhere) throw new EditRefused('nothing is there, and `//` does not say where to create it');
  if (!above || !next) throw new EditRefused(`the root element is <${root.name}>, not <${steps[0]?.name}>`);
  if (next.name === '*' || next.tests.some((test) => test.kind === 'position'))
    throw new EditRefused('nothing is there, and `*` or a number does not say where to create it');
  const attributes = next.tests
    .flatMap((test) => (test.kind === 'attribute' ? [` ${test.name}="${encodeXml(test.value ?? '', true)}"`] : []))
    .join('');
  const inside = next.tests
    .map((test) =>
      test.kind === 'text'
        ? encodeXml(test.value, false)
        : test.kind === 'child'
          ? `<${test.name}>${encodeXml(test.value ?? '', false)}</${test.name}>`
          : '',
    )
    .join('');
  return withChild(text, above, `<${next.name}${attributes}${inside === '' ? '/>' : `>${inside}</${next.name}>`}`);
}
