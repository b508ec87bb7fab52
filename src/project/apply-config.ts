import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { requireTrustedSource } from '../trust/index.ts';
import { checkConfig, type ProjectConfig } from './config.ts';
import type { Launch } from './launch.ts';
import { loadTypeScript } from './load-playbook.ts';
import { configName, findProject } from './project.ts';

/** The settings of the project, paths made absolute; none where there is no `play.config.ts`. */
export async function readConfig(launch: Launch, playbook?: string): Promise<ProjectConfig> {
  const project = findProject(playbook);
  const file = project === undefined ? undefined : join(project, configName);
  if (file === undefined || !existsSync(file)) return {};
  // It is code, and found from the working directory upwards: not where others may put one.
  requireTrustedSource(file, configName);
  return absolute(checkConfig(await loadTypeScript(file, launch), { file }), dirname(file));
}

function absolute(config: ProjectConfig, folder: string): ProjectConfig {
  const path = (given: string): string =>
    given.startsWith('~/') ? join(homedir(), given.slice(2)) : resolve(folder, given);
  // `web1,` is a list of hosts and no file.
  const source = (given: string): string => (given.includes(',') ? given : path(given));
  const vaultId = (given: string): string =>
    given.replace(
      /^([^@]*@)?(.*)$/,
      (_, id: string | undefined, from: string) => `${id ?? ''}${from === 'prompt' ? from : path(from)}`,
    );
  const all = <T>(value: T | readonly T[], each: (one: T) => T): T[] =>
    Array.isArray(value) ? (value as readonly T[]).map(each) : [each(value as T)];
  const made: Record<string, unknown> = { ...config };
  for (const name of [
    'playbooksDir',
    'privateKeyFile',
    'knownHostsFile',
    'connectionPasswordFile',
    'becomePasswordFile',
  ] as const)
    if (config[name] !== undefined) made[name] = path(config[name]);
  if (config.inventory !== undefined) made['inventory'] = all(config.inventory, source);
  if (config.vaultPasswordFile !== undefined) made['vaultPasswordFile'] = all(config.vaultPasswordFile, path);
  if (config.ageIdentities !== undefined) made['ageIdentities'] = config.ageIdentities.map(path);
  if (config.ageRecipients !== undefined)
    made['ageRecipients'] = config.ageRecipients.map((given) => (/^(?:age1|ssh-)/.test(given) ? given : path(given)));
  if (config.vaultIds !== undefined) made['vaultIds'] = config.vaultIds.map(vaultId);
  return made;
}

/** Where the option has another name than the setting. */
const optionNames: Readonly<Record<string, string>> = {
  privateKeyFile: 'privateKey',
  vaultIds: 'vaultId',
  ageIdentities: 'ageIdentity',
};

/** Two ways to say one thing: the command line's beats the configuration's. */
const rivals: readonly (readonly string[])[] = [
  ['askPass', 'connectionPasswordFile'],
  ['askBecomePass', 'becomePasswordFile'],
  ['askVaultPass', 'vaultPasswordFile', 'vaultId'],
];

/** Throwaway hosts have users, keys and passwords of their own. */
const ofRealHosts = [
  'user',
  'connection',
  'privateKey',
  'knownHostsFile',
  'sshCommonArgs',
  'sshExtraArgs',
  'askPass',
  'connectionPasswordFile',
  'becomeMethod',
  'askBecomePass',
  'becomePasswordFile',
];

/** Gives the options that the command line leaves open the values of the configuration. */
export function applyConfig(command: Command, config: ProjectConfig): void {
  const isGiven = (name: string): boolean => (command.getOptionValueSource(name) ?? 'default') !== 'default';
  const given = new Set(command.options.map((option) => option.attributeName()).filter(isGiven));
  for (const [option, value] of leftOpen(config, given)) command.setOptionValueWithSource(option, value, 'config');
}

/**
 * Options that nobody gave, with the values they have from the configuration or from what was given.
 *
 * @param given the names of the options that were
 */
export function leftOpen(config: ProjectConfig, given: ReadonlySet<string>): (readonly [string, unknown])[] {
  const isBeaten = (option: string): boolean =>
    given.has(option) ||
    (given.has('sandbox') && ofRealHosts.includes(option)) ||
    rivals.some((names) => names.includes(option) && names.some((name) => given.has(name))) ||
    (option === 'become' && given.has('becomeUser'));
  return [
    // Who names a user means it; a configuration only says who it would be.
    ...(given.has('becomeUser') && !given.has('become') ? [['become', true] as const] : []),
    ...(config.inventory === undefined ? [] : [['projectInventory', [config.inventory].flat()] as const]),
    ...Object.entries(config)
      .map(([setting, value]) => [optionName(setting), value] as const)
      .filter(([option, value]) => value !== undefined && option !== 'playbooksDir' && !isBeaten(option)),
  ];
}

/** What the option is called that a setting is of. */
export function optionName(setting: string): string {
  return optionNames[setting] ?? setting;
}
