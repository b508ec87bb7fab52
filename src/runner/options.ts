import { resolve } from 'node:path';
import * as v from 'valibot';
import { PlayError, unknownName } from '../errors/index.ts';
import type { HostFlags } from '../options/host-flags.ts';
import type { NotifyFlags } from '../options/notify-flags.ts';
import { leftOpen, optionName } from '../project/apply-config.ts';
import { settings, type ProjectConfig } from '../project/config.ts';
import { sandboxKinds, sandboxReleases } from '../sandbox/index.ts';
import { secretsIn } from '../secrets/index.ts';
import type { RunnerOptions } from './types.ts';

const own = {
  hosts: v.optional(v.array(v.string())),
  limit: v.optional(v.string()),
  extraVars: v.optional(v.union([v.array(v.string()), v.record(v.string(), v.unknown())])),
  sandbox: v.optional(v.union([v.boolean(), v.picklist(sandboxKinds)])),
  sandboxRelease: v.optional(v.picklist(sandboxReleases)),
  project: v.optional(v.string()),
};

const schemaOf = () => {
  const { playbooksDir: _, diff: __, patch: ___, ageRecipients: ____, ...shared } = settings;
  return v.strictObject({ ...shared, ...own });
};

/** The names of all options. */
export const optionNames: readonly string[] = Object.keys(schemaOf().entries);

/** @throws PlayError for an unknown option, with the nearest, or a wrong value */
export function checkOptions(options: object): RunnerOptions {
  for (const name of Object.keys(options))
    if (!optionNames.includes(name)) throw unknownName('option of openRunner', name, optionNames);
  const result = v.safeParse(schemaOf(), options);
  if (!result.success) {
    const [issue] = result.issues;
    throw new PlayError(`openRunner: ${v.getDotPath(issue) ?? 'it'} is wrong: ${issue.message}`);
  }
  if (secretsIn(result.output.extraVars).size > 0)
    throw new PlayError('openRunner: extraVars holds a Secret, and takes plain data only', {
      hint: "Give it to the playbook's own tasks, or put it into a vault.",
    });
  return result.output;
}

/** The flags of the command line that stand for a runner's options. */
export interface RunnerFlags extends HostFlags, NotifyFlags {
  readonly forceHandlers: boolean;
}

const defaults: RunnerFlags = {
  inventory: [],
  extraVars: [],
  vaultPasswordFile: [],
  vaultId: [],
  askVaultPass: false,
  ageIdentity: [],
  debug: false,
  askPass: false,
  acceptNewHostKeys: false,
  become: false,
  askBecomePass: false,
  forks: 50,
  sandbox: false,
  output: 'human',
  verbose: 0,
  forceHandlers: false,
};

/** Options as flags; what they leave open is as the project's configuration says. */
export function flagsOf(options: RunnerOptions, config: ProjectConfig): RunnerFlags {
  const { hosts: _, project: __, sandbox, extraVars, inventory, vaultPasswordFile, knownHostsFile, ...same } = options;
  const made = {
    ...same,
    inventory: listOf(inventory),
    vaultPasswordFile: listOf(vaultPasswordFile),
    knownHostsFile: knownHostsFile === undefined ? undefined : resolve(knownHostsFile),
    extraVars: extraVars === undefined ? undefined : asTyped(extraVars),
    sandbox: sandbox === true ? 'pristine' : sandbox || undefined,
  };
  const given = Object.entries(made)
    .filter(([, value]) => value !== undefined)
    .map(([setting, value]): readonly [string, unknown] => [optionName(setting), value]);
  return {
    ...defaults,
    ...Object.fromEntries([...given, ...leftOpen(config, new Set(given.map(([name]) => name)))]),
  };
}

function listOf(given: string | readonly string[] | undefined): readonly string[] | undefined {
  return given === undefined ? undefined : [given].flat();
}

function asTyped(given: Readonly<Record<string, unknown>> | readonly string[]): readonly string[] {
  return Array.isArray(given) ? given : [JSON.stringify(given)];
}
