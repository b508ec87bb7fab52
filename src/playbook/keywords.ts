import * as v from 'valibot';
import type { TaskDefaults } from '../contract/index.ts';
import { PlayError, unknownName, type Location } from '../errors/index.ts';
import { Secret } from '../secrets/index.ts';
import { mostSeconds } from '../values/index.ts';
import { placeOf } from './call-site.ts';
import { Handler, Topic } from './handler.ts';
import { wrongValue } from './options.ts';
import { isService, serviceWords } from './service.ts';
import type { Environment, Keywords, SharedKeywords } from './task.ts';

/*
 * What the types of plays, roles, blocks and tasks say, for whoever runs without them: plain JavaScript, `as never`,
 * `--no-typecheck`. A keyword of a wrong kind is an error where it was written, never one of ours later on.
 */

/** A schema for each keyword of a type. */
export type Kinds<T> = { readonly [K in keyof Required<T>]: v.GenericSchema };

/** A kind that a check tells. @param words what it must be */
export const kind = (check: (value: unknown) => boolean, words: string): v.GenericSchema => v.custom(check, words);
export const listOf = (value: unknown, is: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(is);
export const isText = (value: unknown): value is string => typeof value === 'string';
export const isFilled = (value: unknown): boolean => isText(value) && value.trim() !== '';
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
/** A batch of `serial`: a number of hosts, or a percentage of all. */
export const isBatch = (value: unknown): boolean =>
  (typeof value === 'number' && Number.isInteger(value) && value > 0) ||
  (isText(value) && /^[1-9]\d*$|^\d+(?:\.\d+)?%$/.test(value));
const isCommitConfirmed = (value: unknown): boolean =>
  isPlainObject(value) &&
  Object.entries(value).every(([key, one]) =>
    key === 'within'
      ? typeof one === 'number' && Number.isInteger(one) && one >= 5 && one <= 3600
      : key === 'undo' && isFilled(one),
  );
/** One of these words. */
export const oneOf = (words: readonly string[]): v.GenericSchema =>
  kind(
    (value) => isText(value) && words.includes(value),
    `must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
  );
const isNotifiable = (value: unknown): boolean => value instanceof Handler || value instanceof Topic;
export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Secret) &&
  !(value instanceof Promise);

/**
 * An account's name or number, as far as becoming it is concerned: what useradd(8) takes, and what directories call
 * theirs.
 */
export function isAccountName(value: unknown): boolean {
  // oxlint-disable-next-line no-control-regex
  return isText(value) && /^[^-\s:,/\x00-\x1f\x7f][^\s:,/\x00-\x1f\x7f]*$/.test(value);
}

const isDefault: Readonly<Record<keyof TaskDefaults, (value: unknown) => boolean>> = {
  owner: isFilled,
  group: isFilled,
  mode: isFilled,
  directoryMode: isFilled,
  installRecommends: isFlag,
};
const flag = kind(isFlag, 'must be true or false');
const whole = (least: number): v.GenericSchema =>
  kind((value) => Number.isInteger(value) && Number(value) >= least, `must be a whole number, ${least} or more`);
const seconds = kind(
  (value) => typeof value === 'number' && value > 0 && value <= mostSeconds,
  `must be a number of seconds, ${mostSeconds} at most`,
);
const pause = kind(
  (value) => typeof value === 'number' && value >= 0 && value <= mostSeconds,
  `must be a number of seconds, ${mostSeconds} at most`,
);
const retries = whole(0);
const name = kind(isFilled, 'must be text that is not empty');
const tags = kind((value) => isText(value) || listOf(value, isText), 'must be a tag, or a list of tags, as text');
const condition = kind(
  (value) => isFlag(value) || isFunction(value),
  'must be true, false, or a function that returns one: ({ facts, results }) => ...',
);
const defaults = kind(
  (value) =>
    isPlainObject(value) && Object.entries(value).every(([key, one]) => isDefault[key as keyof TaskDefaults]?.(one)),
  `must be options for tasks, from these: ${Object.keys(isDefault).join(', ')}`,
);
const items = kind(Array.isArray, 'must be a list of tasks');
const tasks = kind(isFunction, 'must be a function that returns a list of tasks: () => [ ... ]');
/** Whether a value may be an environment: names of variables with texts. */
export const isEnvironment = (value: unknown): value is Environment =>
  isPlainObject(value) &&
  Object.entries(value).every(([key, one]) => /^[A-Za-z_]\w*$/.test(key) && (isText(one) || one instanceof Secret));

const environment = kind(
  (value) => isFunction(value) || isEnvironment(value),
  "must be names of variables with their values as text: { LANG: 'C' }",
);
const commitConfirmed = kind(
  (value) => isFlag(value) || isCommitConfirmed(value),
  'must be true, false, or { within: SECONDS, undo: SH }, with 5 to 3600 seconds',
);
const service = kind(isService, serviceWords);
const account = kind(isAccountName, 'must be the name of an account, without blanks, colons, commas and slashes');

/** What several of them have. */
export const common = {
  flag,
  seconds,
  pause,
  retries,
  name,
  tags,
  condition,
  defaults,
  items,
  tasks,
  environment,
  service,
  account,
};

export const shared: Kinds<SharedKeywords> = {
  tags,
  become: flag,
  becomeUser: account,
  environment,
  ignoreErrors: condition,
  ignoreUnreachable: flag,
  delegateTo: kind(isFilled, 'must be the name of a host'),
  runOnce: flag,
  throttle: whole(1),
  noLog: flag,
  checkMode: kind(
    (value) => value === true,
    "must be true, or left out: check mode touches nothing, and a command that only reads runs there with `changes: 'never'`",
  ),
  timeout: seconds,
  service,
  commitConfirmed,
};

export const taskKinds: Kinds<Keywords> = {
  ...shared,
  name,
  when: condition,
  notify: kind(
    (value) => isNotifiable(value) || listOf(value, isNotifiable),
    "must be what handler() or topic() gave, or a list of such, and not its name: const reload = handler('reload', ...), then notify: reload",
  ),
  failedWhen: condition,
  changedWhen: condition,
  until: kind(isFunction, 'must be a function: ({ result }) => ...'),
  retries,
  delay: pause,
};

interface Checked {
  /** Whose keywords they are: `task "copy /etc/motd"`. */
  readonly of: string;
  readonly kinds: Readonly<Record<string, v.GenericSchema>>;
  /** What cannot be left out. */
  readonly needed?: readonly string[];
  readonly at: () => Location | undefined;
}

/** @throws PlayError where a keyword is not known, or its value is of another kind */
export function checkKeywords(given: unknown, { of, kinds, needed = [], at }: Checked): void {
  if (!isPlainObject(given))
    throw new PlayError(
      `The keywords of ${of} are ${given === null ? 'null' : Array.isArray(given) ? 'a list' : `a ${typeof given}`}, but must be an object`,
      { ...placeOf({ at: at() }), hint: "For example { tags: 'web' }." },
    );
  for (const key of Object.keys(given))
    if (!Object.hasOwn(kinds, key))
      throw unknownName(`keyword of ${of}`, key, Object.keys(kinds), placeOf({ at: at() }));
  for (const [key, schema] of Object.entries(kinds)) {
    const value = given[key];
    if (value === undefined && !needed.includes(key)) continue;
    const result = v.safeParse(schema, value);
    if (!result.success)
      throw wrongValue(`${of.charAt(0).toUpperCase()}${of.slice(1)}: "${key}"`, value, result.issues, at);
  }
}
