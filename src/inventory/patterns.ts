import { readFileSync } from 'node:fs';
import { PlayError, unknownName } from '../errors/index.ts';
import { parseAddress } from './address.ts';
import { localhostNames, type Inventory } from './inventory.ts';
import type { OnWarning } from './types.ts';

export interface MatchOptions {
  /** `-l`: only hosts it matches, too. */
  readonly limit?: string | readonly string[] | undefined;
  readonly onWarning?: OnWarning | undefined;
}

/**
 * The hosts a pattern means, in Ansible's order: names, groups, `all`, globs, `a:b`, `a,b`, `a:&b`, `a:!b`, `~regex`,
 * `group[0]`, `group[1:3]`, `@FILE` with one pattern a line. Whatever their order, plain parts come first, then `&`,
 * then `!`.
 *
 * A name that is no host and no group is an error naming the nearest; a glob or regex that finds nothing is a warning.
 *
 * @example matchHosts(inventory, 'web:&staging:!web3', { limit: 'web1,web2' })
 */
export function matchHosts(
  inventory: Inventory,
  pattern: string | readonly string[],
  options: MatchOptions = {},
): string[] {
  const matcher = new Matcher(inventory, options.onWarning ?? ((): void => undefined));
  const hosts = matcher.evaluate(partsOf(pattern));
  if (options.limit === undefined) return hosts;
  const limit = new Set(matcher.evaluate(partsOf(options.limit)));
  return hosts.filter((host) => limit.has(host));
}

/** The single patterns, at least one: an empty list would come to mean every host. */
function partsOf(pattern: string | readonly string[]): string[] {
  const parts = splitPatterns(pattern);
  if (parts.length > 0) return parts;
  const text = typeof pattern === 'string' ? pattern : pattern.join(',');
  throw new PlayError(`The host pattern "${text}" names no host`, {
    hint: text.startsWith('@') ? 'The file has no line with one.' : '"all" means every host.',
  });
}

/**
 * The single patterns of a list: split at commas or, without one, at colons that are not part of an address or a range.
 */
function splitPatterns(pattern: string | readonly string[]): string[] {
  if (typeof pattern !== 'string') return pattern.flatMap(splitPatterns);
  // A file name may contain the separators of patterns.
  if (pattern.startsWith('@') && !pattern.includes(',')) return fromFile(pattern);
  const parts = pattern.includes(',')
    ? pattern.split(',')
    : parseAddress(pattern) !== undefined
      ? [pattern]
      : atColons(pattern);
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap((part) => (part.startsWith('@') ? fromFile(part) : [part]));
}

function atColons(pattern: string): string[] {
  const part = /(?:[^\s:[\]]|\[[^\]]*\])+/g;
  // Ansible drops what it cannot parse there: ~web[ would mean ~web.
  const left = pattern.replace(part, '').replace(/[\s:]/g, '');
  if (left !== '')
    throw new PlayError(`The host pattern "${pattern}" has an unmatched bracket: ${left}`, {
      hint: 'Close it. A regular expression followed by a comma is read as it is: ~web[^]]x,',
    });
  return pattern.match(part) ?? [];
}

function fromFile(part: string): string[] {
  const file = part.slice(1);
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new PlayError(`The file of hosts cannot be read (${code})`, {
      where: { file },
      hint: 'Check the path after @.',
      cause,
    });
  }
}

const subscript = /^(?<expression>.+)\[(?:(?<index>-?[0-9]+)|(?<start>[0-9]+)[:-](?<end>[0-9]*))\]$/;

class Matcher {
  readonly #inventory: Inventory;
  readonly #warn: OnWarning;

  constructor(inventory: Inventory, warn: OnWarning) {
    this.#inventory = inventory;
    this.#warn = warn;
  }

  evaluate(patterns: readonly string[]): string[] {
    const added = patterns.filter((part) => !/^[&!]/.test(part));
    const ordered = [
      ...(added.length === 0 ? ['all'] : added),
      ...patterns.filter((part) => part.startsWith('&')),
      ...patterns.filter((part) => part.startsWith('!')),
    ];
    let hosts = new Set<string>();
    for (const part of ordered) {
      if (this.#inventory.hosts.has(part)) hosts.add(part);
      else if (part.startsWith('!')) for (const host of this.#match(part.slice(1), true)) hosts.delete(host);
      else if (part.startsWith('&')) {
        const kept = new Set(this.#match(part.slice(1), true));
        hosts = new Set([...hosts].filter((host) => kept.has(host)));
      } else for (const host of this.#match(part, false)) hosts.add(host);
    }
    return [...hosts];
  }

  #match(pattern: string, isModifier: boolean): readonly string[] {
    if (pattern === '') throw new PlayError('A host pattern is empty after & or !', { hint: 'Write a:&b or a:!b.' });
    const groups = pattern.startsWith('~') ? undefined : subscript.exec(pattern)?.groups;
    const hosts = this.#enumerate(groups?.['expression'] ?? pattern, pattern, isModifier);
    if (groups === undefined || hosts.length === 0) return hosts;
    const { index, start, end } = groups;
    if (index === undefined && end !== '0')
      return hosts.slice(Number(start), end === '' || end === undefined ? undefined : Number(end) + 1);
    // Ansible reads `group[2:0]` as `group[2]`.
    const host = hosts.at(Number(index ?? start));
    if (host === undefined)
      throw new PlayError(`The pattern "${pattern}" asks for a host that is not there`, {
        hint: `"${groups['expression'] ?? ''}" has ${hosts.length} hosts; the first is [0].`,
      });
    return [host];
  }

  /**
   * Every match, repeated ones too: Ansible's `[1]` counts a host once for its group and once more for its own name.
   */
  #enumerate(expression: string, pattern: string, isModifier: boolean): readonly string[] {
    const matches = compile(expression);
    const groups = [...this.#inventory.groups.values()].filter(({ name }) => matches(name));
    const hosts = groups.flatMap((group) => group.hosts);
    const mayNameHosts = groups.length === 0 || expression.startsWith('~') || /[.?*[]/.test(expression);
    if (mayNameHosts) for (const name of this.#inventory.hosts.keys()) if (matches(name)) hosts.push(name);
    if (hosts.length === 0 && localhostNames.includes(expression)) return [expression];
    if (hosts.length === 0 && groups.length === 0) this.#notFound(expression, pattern, isModifier);
    return hosts;
  }

  #notFound(expression: string, pattern: string, isModifier: boolean): void {
    if (!/^~|[?*[]/.test(expression))
      throw unknownName('host or group', expression, [
        ...this.#inventory.groups.keys(),
        ...this.#inventory.hosts.keys(),
      ]);
    if (!isModifier)
      this.#warn({ what: `The pattern "${pattern}" matches no host`, hint: './play inventory --graph shows all.' });
  }
}

function compile(expression: string): (name: string) => boolean {
  if (!/^~|[?*[]/.test(expression)) return (name) => name === expression;
  const regex = expression.startsWith('~') ? pythonRegex(expression.slice(1)) : globRegex(expression);
  return (name) => regex.test(name);
}

/** Python's `re.match`: anchored at the start only. Python's own syntax is translated as far as patterns use it. */
function pythonRegex(source: string): RegExp {
  const flags = /^\(\?([aimsux]+)\)/.exec(source)?.[1] ?? '';
  const body = source
    .replace(/^\(\?[aimsux]+\)/, '')
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\A', '^')
    .replaceAll('\\Z', '$');
  try {
    return new RegExp(`^(?:${body})`, flags.replace(/[aux]/g, ''));
  } catch (cause) {
    throw new PlayError(
      `"~${source}" is not a regular expression: ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: "Quote the pattern for the shell: -l '~web\\d+'.", cause },
    );
  }
}

/** A shell glob as Python's fnmatch reads it. */
function globRegex(glob: string): RegExp {
  let source = '';
  for (let i = 0; i < glob.length; i++) {
    const c = glob.charAt(i);
    if (c === '*') source += '.*';
    else if (c === '?') source += '.';
    else if (c === '[') {
      const close = glob.indexOf(']', i + (/^\[!?\]/.exec(glob.slice(i))?.[0].length ?? 1));
      if (close === -1)
        throw new PlayError(`The host pattern "${glob}" has an unmatched bracket: [`, {
          hint: 'Close it, or leave it out.',
        });
      const inside = glob
        .slice(i + 1, close)
        .replaceAll('\\', '\\\\')
        .replaceAll('[', '\\[')
        .replace(/^!?\]/, (start) => start.replace(']', '\\]'));
      source += inside.startsWith('!') ? `[^${inside.slice(1)}]` : `[${inside.replace(/^\^/, '\\^')}]`;
      i = close;
    } else source += c.replace(/[\\^$.|+(){}\]]/, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`, 's');
  } catch (cause) {
    throw new PlayError(`"${glob}" is not a pattern`, { hint: 'Check the brackets.', cause });
  }
}
