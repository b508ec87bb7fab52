import { PythonValue } from '../../values/index.ts';
import type { CompareOperator } from '../syntax/ast.ts';
import { numberOf, toFloat } from './numbers.ts';
import { Tuple, entriesOf, isMapping, isSequence, plain, typeName, valueAt, wrong, type JinjaValue } from './value.ts';

/** Whether Python takes it for true. */
export function isTrue(value: JinjaValue): boolean {
  const found = plain(value);
  if (found === null || found === false || found === '') return false;
  if (isSequence(found)) return found.length > 0;
  if (isMapping(found)) return entriesOf(found).length > 0;
  const number = numberOf(found);
  return number === undefined || ('int' in number ? number.int !== 0n : number.float !== 0);
}

/** Python's `==`: 1, 1.0 and True are equal, lists and mappings item by item. */
export function isEqual(one: JinjaValue, other: JinjaValue): boolean {
  const [a, b] = [plain(one), plain(other)];
  if (a === b) return true;
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return 'int' in x && 'int' in y ? x.int === y.int : toFloat(x) === toFloat(y);
  if (isSequence(a) && isSequence(b))
    return (
      a instanceof Tuple === b instanceof Tuple &&
      a.length === b.length &&
      a.every((item, i) => isEqual(item, b[i] ?? null))
    );
  if (isMapping(a) && isMapping(b)) {
    const entries = entriesOf(a);
    return (
      entries.length === entriesOf(b).length &&
      entries.every(([key, item]) => {
        const same = valueAt(b, key);
        return same !== undefined && isEqual(item, same);
      })
    );
  }
  return a instanceof PythonValue && b instanceof PythonValue && a.kind === b.kind && a.text === b.text;
}

/** Negative, 0 or positive. @throws JinjaError for what Python cannot bring into an order */
export function compare(one: JinjaValue, other: JinjaValue, operator = '<'): number {
  const [a, b] = [plain(one), plain(other)];
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) {
    if ('int' in x && 'int' in y) return x.int < y.int ? -1 : x.int > y.int ? 1 : 0;
    const difference = toFloat(x) - toFloat(y);
    return Number.isNaN(difference) ? (toFloat(x) === toFloat(y) ? 0 : Number.NaN) : difference;
  }
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b);
  if (isSequence(a) && isSequence(b) && a instanceof Tuple === b instanceof Tuple) {
    for (const [i, item] of a.entries()) {
      const same = b[i];
      if (same === undefined) return 1;
      if (!isEqual(item, same)) return compare(item, same, operator);
    }
    return a.length - b.length;
  }
  if (a instanceof PythonValue && b instanceof PythonValue && a.kind === b.kind) return byCodePoint(a.text, b.text);
  throw wrong(`'${operator}' is not supported between ${typeName(one)} and ${typeName(other)}`);
}

/** JavaScript's own order is by UTF-16, which differs beyond the first 65,536 characters. */
export function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [[...a], [...b]];
  for (const [i, character] of x.entries()) {
    const same = y[i];
    if (same === undefined) return 1;
    if (character !== same) return (character.codePointAt(0) ?? 0) - (same.codePointAt(0) ?? 0);
  }
  return x.length - y.length;
}

/** `item in container` */
export function isIn(item: JinjaValue, container: JinjaValue): boolean {
  const all = plain(container);
  if (typeof all === 'string') {
    const part = plain(item);
    if (typeof part !== 'string') throw wrong(`'in' of a text needs a text, not ${typeName(part)}`);
    return all.includes(part);
  }
  if (isSequence(all)) return all.some((one) => isEqual(one, item));
  if (isMapping(all)) return valueAt(all, keyOf(item)) !== undefined;
  throw wrong(`'in' needs a list, a mapping or a text, not ${typeName(all)}`);
}

/** A key as play's mappings have it: as text. */
export function keyOf(key: JinjaValue): string {
  const found = plain(key);
  if (typeof found === 'string') return found;
  if (typeof found === 'number' || found instanceof PythonValue) return String(found);
  throw wrong(`${typeName(found)} cannot be a key`);
}

export function holds(operator: CompareOperator, a: JinjaValue, b: JinjaValue): boolean {
  switch (operator) {
    case '==':
      return isEqual(a, b);
    case '!=':
      return !isEqual(a, b);
    case 'in':
      return isIn(a, b);
    case 'not in':
      return !isIn(a, b);
    case '<':
      return compare(a, b, operator) < 0;
    case '<=':
      return compare(a, b, operator) <= 0;
    case '>':
      return compare(a, b, operator) > 0;
    case '>=':
      return compare(a, b, operator) >= 0;
  }
}
