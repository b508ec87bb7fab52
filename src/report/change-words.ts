import type { ShownChange } from '../engine/index.ts';

/** So many of a kind are named; further ones are counted. */
const mostNamed = 5;

/** How one difference reads by itself. @example rawWords({ what: 'mode', from: '0644', to: '0600' })  // 'mode 0644 -> 0600' */
export function rawWords({ what, from, to }: ShownChange): string {
  const values =
    from !== undefined && to !== undefined
      ? ` ${from} -> ${to}`
      : to !== undefined
        ? ` -> ${to}`
        : from !== undefined
          ? ` ${from}`
          : '';
  return `${what}${values}`.replaceAll('\n', '\\n');
}

/**
 * The changes of a task in as few words as they take: what is new is told with its permissions and size, packages that only
 * come along are counted. What goes away is always named.
 *
 * @param isNamed whether the reader is told of this path anyhow, by the task's name or a diff
 * @example changeWords(changes, isNamed)  // ['new file, 0644 root:root, 12 lines']
 * @example changeWords(changes, isNamed)  // ['new package nginx 1.22.1-9 and 14 it needs']
 */
export function changeWords(changes: readonly ShownChange[], isNamed: (path: string) => boolean): string[] {
  const words: string[] = [];
  for (let at = 0; at < changes.length;) {
    const left = changes.slice(at);
    const { count, texts } =
      newFile(left, isNamed) ??
      newFolder(left, isNamed) ??
      newFolders(left, isNamed) ??
      newInTree(left, isNamed) ??
      packages(left, isNamed) ??
      turned(left, isNamed) ??
      written(left, isNamed);
    words.push(...texts);
    at += count;
  }
  return words;
}

/** What a rule makes of the first changes of a list, and of how many. */
interface Told {
  readonly count: number;
  readonly texts: readonly string[];
}

type Rule = (changes: readonly ShownChange[], isNamed: (path: string) => boolean) => Told | undefined;

const newFile: Rule = ([first, ...rest], isNamed) => {
  if (first?.what !== 'content' || first.to !== 'new file') return undefined;
  const { count, text } = permissions(rest);
  const path = first.text && !isNamed(first.text.path) ? ` ${first.text.path}` : '';
  return { count: count + 1, texts: [`new file${path}${text}${size(first)}`] };
};

const newFolder: Rule = ([first, ...rest]) => {
  if (first?.what !== 'state' || first.from !== 'absent' || first.to !== 'directory') return undefined;
  const { count, text } = permissions(rest);
  return { count: count + 1, texts: [`new directory${text}`] };
};

/** A unit that runs and is turned over: that it runs is no news. */
const turned: Rule = ([first]) =>
  first?.what === 'state' && first.from === 'active' && ['restarted', 'reloaded'].includes(first.to ?? '')
    ? { count: 1, texts: [first.to ?? ''] }
    : undefined;

/** A folder with those above it. */
const newFolders: Rule = (changes) => {
  const made = leading(
    changes,
    ({ what, from, to }) => what.startsWith('/') && from === 'absent' && to === 'directory',
  );
  if (made.length === 0) return undefined;
  const { count, text } = permissions(changes.slice(made.length));
  const paths = made.map(({ what }) => what);
  const isLine = paths.every((path, at) => at === 0 || path.startsWith(`${paths[at - 1] ?? ''}/`));
  const named =
    paths.length === 1
      ? `directory ${paths[0] ?? ''}`
      : `directories ${isLine ? `${paths[0] ?? ''} and ${paths.length - 1} below it` : listed(paths)}`;
  return { count: made.length + count, texts: [`new ${named}${text}`] };
};

/** Files of a tree, which stand there by their names in it. */
const newInTree: Rule = (changes) => {
  const made = leading(changes, ({ what, to }) => what !== 'content' && to === 'new file');
  if (made.length === 0) return undefined;
  const text =
    made.length === 1 && made[0]
      ? `new file ${placeOf(made[0])}${size(made[0])}`
      : `${made.length} new files: ${listed(made.map(placeOf))}`;
  return { count: made.length, texts: [text] };
};

/** A task about several files names each. */
const placeOf = ({ what }: ShownChange): string => what.replace(/^content of /, '');

const packages: Rule = (changes) => {
  const all = leading(changes, ({ what }) => what.startsWith('package '));
  if (all.length === 0) return undefined;
  const gone = all.filter(({ to }) => to?.startsWith('absent'));
  const fresh = all.filter((one) => one.from === 'absent' && !gone.includes(one));
  const other = all.filter((one) => !gone.includes(one) && !fresh.includes(one));
  return { count: all.length, texts: [...gone.map(rawWords), ...freshPackages(fresh), ...otherPackages(other)] };
};

function freshPackages(fresh: readonly ShownChange[]): string[] {
  if (fresh.length === 0) return [];
  const asked = fresh.filter(({ along }) => along !== true);
  const needed = fresh.length - asked.length;
  const many = asked.length === 1 ? 'package' : 'packages';
  if (asked.length === 0) return [`${needed} new packages that others need`];
  const named = listed(asked.map(({ what, to = '' }) => `${nameOf(what)} ${to}`));
  return [
    `new ${many} ${named}${needed === 0 ? '' : ` and ${needed} ${asked.length === 1 ? 'it needs' : 'they need'}`}`,
  ];
}

function otherPackages(other: readonly ShownChange[]): string[] {
  if (other.length <= mostNamed) return other.map(rawWords);
  const asked = other.filter(({ along }) => along !== true);
  const named = [...asked, ...other.filter((one) => !asked.includes(one))].map(({ what }) => nameOf(what));
  return [`${other.length} packages in different versions: ${listed(named)}`];
}

const nameOf = (what: string): string => what.replace(/^package /, '');

const written = (changes: readonly ShownChange[], isNamed: (path: string) => boolean): Told => {
  const [first] = changes;
  if (first === undefined) return { count: 1, texts: [] };
  const path = first.what === 'content' && first.text && !isNamed(first.text.path) ? ` of ${first.text.path}` : '';
  return { count: 1, texts: [`${rawWords(first)}${path}${size(first)}`] };
};

/** The permissions something new gets, where they follow; those of what was there are told as what they were and will be. */
function permissions(changes: readonly ShownChange[]): { readonly count: number; readonly text: string } {
  const told = leading(
    changes,
    ({ what, from, to }) => ['owner', 'group', 'mode'].includes(what) && from === undefined && to !== undefined,
  );
  const of = (name: string): string | undefined => told.find(({ what }) => what === name)?.to;
  const [mode, owner, group] = [of('mode'), of('owner'), of('group')];
  const owners = group === undefined ? owner : `${owner ?? ''}:${group}`;
  const parts = [mode, owners].filter((part) => part !== undefined);
  return { count: told.length, text: parts.length === 0 ? '' : `, ${parts.join(' ')}` };
}

/** How much of a text changes: `, 12 lines` of a new one, ` (+2 -9)`; or that it is no text, or none to be shown. */
function size({ text }: ShownChange): string {
  if (text === undefined) return '';
  const [first = ''] = text.diff.split('\n', 1);
  const binary = /^\(binary: no file -> (\d+ bytes)/.exec(first)?.[1];
  if (binary !== undefined) return `, ${binary}`;
  if (first.startsWith('(binary')) return ' (binary)';
  if (first.startsWith('(not shown: the content is secret')) return ', secret';
  const rewritten = /^\(rewritten: (-\d+ \+\d+) lines/.exec(first)?.[1];
  if (rewritten !== undefined) return ` (${rewritten} lines)`;
  const { added, removed } = countLines(text.diff);
  if (first.startsWith('diff --git')) return text.diff.includes('\nnew file mode') ? ', empty' : '';
  if (first === '--- /dev/null') return `, ${added} ${added === 1 ? 'line' : 'lines'}`;
  return added + removed === 0
    ? ''
    : ` (${[added && `+${added}`, removed && `-${removed}`].filter(Boolean).join(' ')})`;
}

/** The lines that a unified diff adds and removes. */
function countLines(diff: string): { readonly added: number; readonly removed: number } {
  const start = diff.search(/^@@/m);
  const body = start < 0 ? [] : diff.slice(start).split('\n');
  const count = (sign: string): number => body.filter((line) => line.startsWith(sign)).length;
  return { added: count('+'), removed: count('-') };
}

function leading<T>(list: readonly T[], isOne: (one: T) => boolean): T[] {
  const end = list.findIndex((one) => !isOne(one));
  return list.slice(0, end < 0 ? list.length : end);
}

/** @example listed(['a', 'b', 'c', 'd', 'e', 'f', 'g'])  // 'a, b, c, d, e and 2 more' */
export function listed(names: readonly string[], most = mostNamed): string {
  // "and 1 more" takes the place of its name.
  if (names.length <= most + 1) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
