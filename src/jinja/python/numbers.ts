import { PythonValue } from '../../values/index.ts';
import type { ArithmeticOperator } from '../syntax/ast.ts';
import { typeName, wrong, type JinjaValue } from './value.ts';

/** A number of Python's as JavaScript can reckon with it. */
export type Number_ = { readonly float: number } | { readonly int: bigint };

/** Undefined for what Python takes for no number; `true` is 1. */
export function numberOf(value: JinjaValue): Number_ | undefined {
  if (typeof value === 'boolean') return { int: value ? 1n : 0n };
  if (typeof value === 'number') return Number.isInteger(value) ? { int: BigInt(value) } : { float: value };
  if (!(value instanceof PythonValue)) return undefined;
  if (typeof value.plain === 'bigint') return { int: value.plain };
  return typeof value.plain === 'number' ? { float: value.plain } : undefined;
}

export function isFloat(value: JinjaValue): boolean {
  const number = numberOf(value);
  return number !== undefined && 'float' in number;
}

export function isInteger(value: JinjaValue): boolean {
  return typeof value !== 'boolean' && !isFloat(value) && numberOf(value) !== undefined;
}

export function toFloat(number: Number_): number {
  return 'float' in number ? number.float : Number(number.int);
}

export function fromNumber(number: Number_): number | PythonValue {
  return 'float' in number ? PythonValue.float(number.float) : PythonValue.int(number.int);
}

/** `a ⋄ b` of numbers, as Python does it: `/` gives a float, `//` and `%` round down. */
export function calculate(operator: ArithmeticOperator, a: Number_, b: Number_): number | PythonValue {
  if ('int' in a && 'int' in b && operator !== '/' && !(operator === '**' && b.int < 0n))
    return PythonValue.int(ofIntegers(operator, a.int, b.int));
  return PythonValue.float(ofFloats(operator, toFloat(a), toFloat(b)));
}

/** More digits than this no variable needs: `9 ** 9 ** 9` would take the machine's memory. */
const mostBits = 100_000;

function ofIntegers(operator: Exclude<ArithmeticOperator, '/'>, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      return floorDivided(a, nonZero(b));
    case '%':
      return a - floorDivided(a, nonZero(b)) * b;
    case '**':
      if (b * BigInt(a.toString(2).length) > mostBits) throw wrong('this power is too large');
      return a ** b;
  }
}

function floorDivided(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b !== a && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function ofFloats(operator: ArithmeticOperator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / nonZero(b);
    case '//':
      return Math.floor(a / nonZero(b));
    case '%': {
      const rest = a % nonZero(b);
      return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
    }
    case '**':
      return a ** b;
  }
}

function nonZero<T extends number | bigint>(divisor: T): T {
  if (Number(divisor) === 0) throw wrong('division by zero');
  return divisor;
}

/** A whole number that is small enough to count with. */
export function countOf(value: JinjaValue, what: string): number {
  const number = numberOf(value);
  if (number === undefined || 'float' in number) throw wrong(`${what} must be a whole number, not ${typeName(value)}`);
  return Number(number.int);
}
