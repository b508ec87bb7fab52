import { PlayError, nearest, unknownName } from '../errors/index.ts';
import { isAccountName } from '../playbook/index.ts';
import { mostSeconds } from '../values/index.ts';

/** An option that may be given several times. */
export const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

/** One of a few words, else an error with the nearest. */
export function oneOf<T extends string>(option: string, words: readonly T[]): (value: string) => T {
  return (value) => {
    const found = words.find((word) => word === value);
    if (found === undefined)
      throw unknownName(
        `value of ${option}`,
        value,
        words,
        nearest(value, words).length > 0 ? {} : { hint: `It is one of ${words.join(', ')}.` },
      );
    return found;
  };
}

export function positive(option: string): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < 1 || number > mostSeconds)
      throw new PlayError(
        `${option} needs a whole number from 1${number > mostSeconds ? ` to ${mostSeconds}` : ''}, not "${value}"`,
      );
    return number;
  };
}

/** Whom to log in as, or to become. */
export function account(option: string): (value: string) => string {
  return (value) => {
    if (!isAccountName(value)) throw new PlayError(`${option} needs the name of an account, not "${value}"`);
    return value;
  };
}

/** A port of TCP. */
export function port(option: string): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < 1 || number > 65_535)
      throw new PlayError(`${option} needs a port, 1 to 65535, not "${value}"`);
    return number;
  };
}
