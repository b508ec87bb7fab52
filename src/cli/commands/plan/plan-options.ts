import { isAbsolute, normalize, relative, resolve } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { parseExtraVars } from '../../../inventory/index.ts';
import { maskArguments, shellWords } from '../../../operator/command-line.ts';
import type { Flags } from '../../../options/flags.ts';
import type { Plan, PlannedOptions } from '../../../plans/index.ts';
import { said } from '../../../report/index.ts';
import { Vault, type Redactor } from '../../../secrets/index.ts';
import { patchArguments } from './patch-options.ts';

/** What stands for a secret of the command line. */
const masked = '********';

/** How hosts are reached and where passwords are: the own matter of whoever runs it. By their long names. */
const others: Readonly<Record<string, string>> = {
  user: '--user',
  connection: '--connection',
  privateKey: '--private-key',
  sshCommonArgs: '--ssh-common-args',
  sshExtraArgs: '--ssh-extra-args',
  askPass: '--ask-pass',
  connectionPasswordFile: '--connection-password-file',
  askBecomePass: '--ask-become-pass',
  becomePasswordFile: '--become-password-file',
  vaultPasswordFile: '--vault-password-file',
  vaultId: '--vault-id',
  askVaultPass: '--ask-vault-pass',
  ageIdentity: '--age-identity',
};

export interface SaidOptions {
  readonly flags: Flags;
  /** Those of the command line itself; the configuration is the project's, and read again. */
  readonly given: ReadonlySet<string>;
  /** With `@failed` as the hosts it stood for. */
  readonly limit: string | undefined;
  readonly project: string;
  readonly redactor: Redactor;
}

/** What a command line said, as its plan keeps it: what is needed to derive it again. */
export function optionsOf({ flags, given, limit, project, redactor }: SaidOptions): PlannedOptions {
  const path = (text: string): string => (text.includes(',') ? text : relative(project, resolve(text)) || '.');
  const extraVars = maskArguments(flags.extraVars).map((text) =>
    text.startsWith('@') ? `@${path(text.slice(1))}` : redactor.redact(text),
  );
  const sandbox = flags.sandbox === false ? undefined : flags.sandbox;
  const when = <T>(name: string, value: T | undefined): T | undefined => (given.has(name) ? value : undefined);
  return defined({
    inventory: when('inventory', flags.inventory.map(path)),
    limit,
    tags: when('tags', [...flags.tags]),
    skipTags: when('skipTags', [...flags.skipTags]),
    startAtTask: flags.startAtTask,
    extraVars: extraVars.length > 0 ? extraVars : undefined,
    become: when('become', flags.become ? (true as const) : undefined),
    becomeUser: when('becomeUser', flags.becomeUser),
    becomeMethod: when('becomeMethod', flags.becomeMethod),
    forceHandlers: flags.forceHandlers ? (true as const) : undefined,
    ignoreHold: flags.ignoreHold ? (true as const) : undefined,
    sandbox,
    others: some(Object.keys(others).flatMap((name) => (given.has(name) ? [others[name] ?? name] : []))),
  });
}

function some(list: string[]): string[] | undefined {
  return list.length > 0 ? list : undefined;
}

function defined(options: { readonly [K in keyof PlannedOptions]: PlannedOptions[K] | undefined }): PlannedOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** What of a plan's options `play apply` was told itself. */
export interface ToldAgain {
  readonly inventory: boolean;
  readonly limit: boolean;
  readonly extraVars: boolean;
}

/**
 * The arguments that derive a plan again. A plan may be anybody's: what would name files or hosts outside of the project,
 * or say how hosts are reached, is not taken from it.
 *
 * @throws PlayError naming what has to be said again
 */
export function argumentsOf(options: PlannedOptions, project: string, told: ToldAgain): string[] {
  const args: string[] = [];
  const add = (option: string, values: readonly string[] = []): void => {
    for (const value of values) args.push(`${option}=${value}`);
  };
  if (!told.inventory)
    add(
      '--inventory',
      options.inventory?.map((source) => ownPath(source, project, '-i')),
    );
  if (!told.limit && options.limit !== undefined) {
    if (/(?:^|[,:])[!&]?@/.test(options.limit)) throw again('-l', options.limit, 'it names a file');
    add('--limit', [options.limit]);
  }
  add('--tags', options.tags);
  add('--skip-tags', options.skipTags);
  if (options.startAtTask !== undefined) add('--start-at-task', [options.startAtTask]);
  add('--extra-vars', ownVariables(options.extraVars ?? [], project, told));
  if (options.become) args.push('--become');
  if (options.becomeUser !== undefined) add('--become-user', [options.becomeUser]);
  if (options.becomeMethod !== undefined) add('--become-method', [options.becomeMethod]);
  if (options.forceHandlers) args.push('--force-handlers');
  if (options.ignoreHold) args.push('--ignore-hold');
  if (options.sandbox !== undefined) add('--sandbox', [options.sandbox]);
  return args;
}

function ownVariables(given: readonly string[], project: string, told: ToldAgain): string[] {
  return given.flatMap((text) => {
    if (text.includes(masked)) {
      if (told.extraVars) return [];
      throw again('-e', text, 'there are secrets in it, which plans do not keep');
    }
    // A file of the project is as good as its code.
    if (text.startsWith('@')) return [`@${ownPath(text.slice(1), project, '-e')}`];
    const reaching = [
      ...parseExtraVars([text], { vault: new Vault([]), yaml: 'ansible', warn: () => undefined }).keys(),
    ].find((name) => name.startsWith('ansible_'));
    if (reaching !== undefined) {
      if (told.extraVars) return [];
      throw again('-e', text, `${reaching} says how hosts are reached`);
    }
    return [text];
  });
}

/** @throws PlayError for a path that leads out of the project */
export function ownPath(path: string, project: string, option: string): string {
  const plain = normalize(path);
  if (path.includes(',') || isAbsolute(plain) || plain.startsWith('..'))
    throw again(option, path, 'it is outside the project');
  return resolve(project, plain);
}

function again(option: string, value: string, why: string): PlayError {
  return new PlayError(`${option} of the plan is not taken from it: ${why}`, {
    where: value,
    hint: option.startsWith('-')
      ? `If it is intended, give it again: play apply PLAN.json ${option} ...`
      : 'Apply it in the project that it was made in.',
  });
}

/**
 * The command that makes a plan anew, as a shell takes it: for the same hosts, with the same options. What was masked has
 * to be filled in.
 */
export function planCommand({ playbook, options }: Plan, file: string): string {
  const all = (option: string, values: readonly string[] = []): string[] => values.flatMap((value) => [option, value]);
  const one = (option: string, value: string | undefined): string[] => (value === undefined ? [] : [option, value]);
  return shellWords(
    [
      'play',
      playbook,
      ...(options.patch === undefined ? [] : patchArguments(options.patch)),
      ...all('-i', options.inventory),
      ...one('-l', options.limit),
      ...all('-t', options.tags),
      ...all('--skip-tags', options.skipTags),
      ...one('--start-at-task', options.startAtTask),
      ...all('-e', options.extraVars),
      ...(options.become ? ['-b'] : []),
      ...one('--become-user', options.becomeUser),
      ...one('--become-method', options.becomeMethod),
      ...(options.forceHandlers ? ['--force-handlers'] : []),
      ...(options.ignoreHold ? ['--ignore-hold'] : []),
      ...(options.sandbox === undefined ? [] : [`--sandbox=${options.sandbox}`]),
      '-C',
      '--out',
      file,
    ].map(said),
  );
}
