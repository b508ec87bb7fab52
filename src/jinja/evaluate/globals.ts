import { mappingOf } from '../../values/index.ts';
import { keyOf } from '../python/compare.ts';
import { countOf } from '../python/numbers.ts';
import { Parameters } from '../python/parameters.ts';
import { JinjaError } from '../python/problem.ts';
import { textOf } from '../python/text.ts';
import {
  Callable,
  Namespace,
  Undefined,
  entriesOf,
  isMapping,
  itemsOf,
  plain,
  wrong,
  type CallArguments,
  type JinjaValue,
} from '../python/value.ts';
import type { World } from './scope.ts';

const mostSteps = 1_000_000;

function range({ positional }: CallArguments): JinjaValue {
  const numbers = positional.map((value) => countOf(value, 'range()'));
  const [from, until, step] =
    numbers.length === 1 ? [0, numbers[0] ?? 0, 1] : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 1];
  if (step === 0) throw wrong('the step of range() cannot be 0');
  const length = Math.max(0, Math.ceil((until - from) / step));
  if (length > mostSteps) throw wrong('range() is too long');
  return Array.from({ length }, (_, i) => from + i * step);
}

function entriesIn({ positional, named }: CallArguments): [string, JinjaValue][] {
  const given = positional.flatMap((value): [string, JinjaValue][] => {
    const found = plain(value);
    if (isMapping(found)) return entriesOf(found);
    return itemsOf(found).map((pair) => {
      const [key = null, item = null] = itemsOf(pair);
      return [keyOf(key), item];
    });
  });
  return [...given, ...named];
}

function lookup(world: World, isList: boolean): Callable {
  return new Callable(isList ? 'query' : 'lookup', ({ positional, named }) => {
    const [name, ...rest] = positional;
    if (name === undefined) throw wrong('lookup() needs the name of a lookup');
    const all = isList ? new Map([...named, ['wantlist', true as JinjaValue]]) : named;
    return world.lookup(textOf(name), { positional: rest, named: all });
  });
}

/** Functions that are always there, unless a variable has their name. */
export function globalNamed(name: string, world: World): JinjaValue | undefined {
  switch (name) {
    case 'range':
      return new Callable(name, range);
    case 'dict':
      return new Callable(name, (args) => mappingOf(entriesIn(args)));
    case 'namespace':
      return new Callable(name, (args) => new Namespace(entriesIn(args)));
    case 'lookup':
      return lookup(world, false);
    case 'query':
    case 'q':
      return lookup(world, true);
    case 'undef':
      return new Callable(
        name,
        (args) => new Undefined(new Parameters(name, ['hint?'], args).text('hint', 'a mandatory variable is missing')),
      );
    case 'now':
    case 'lipsum':
    case 'cycler':
    case 'joiner':
      return new Callable(name, () => {
        throw new JinjaError('hole', `play has no function ${name}() in variables`);
      });
    default:
      return undefined;
  }
}
