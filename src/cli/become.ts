import type { Become, SecretText } from '../connection/index.ts';
import { PlayError } from '../errors/index.ts';
import { matchHosts, type Inventory } from '../inventory/index.ts';
import type { Playbook } from '../playbook/index.ts';
import { becomeMethods, type Flags } from './flags.ts';
import { HostVariables } from './variables.ts';

/** How tasks become other users, for a whole run. */
export interface BecomeSettings {
  readonly become: boolean;
  readonly becomeUser: string;
  readonly becomeMethod: Become['method'];
  readonly becomePassword: SecretText | undefined;
}

/** What one host's variables say of it; the command line where they say nothing, as in Ansible. */
function becomeOf(inventory: Inventory, host: string, flags: Flags, password: SecretText | undefined): BecomeSettings {
  const variables = new HostVariables(inventory, host);
  // A throwaway host has sudo and passwords of its own: those of the real one neither fit nor shall be tried there.
  const ofRealHost = flags.sandbox ? undefined : variables;
  return {
    become: variables.boolean('ansible_become') ?? (flags.become || flags.becomeUser !== undefined),
    becomeUser: variables.text('ansible_become_user') ?? flags.becomeUser ?? 'root',
    becomeMethod: (ofRealHost && methodOf(ofRealHost)) ?? flags.becomeMethod ?? 'sudo',
    becomePassword: ofRealHost?.secret('ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass') ?? password,
  };
}

/**
 * The settings all hosts of a run share.
 *
 * @throws PlayError when they differ: one run has one way to become
 */
export function sharedBecome(inventory: Inventory, playbook: Playbook, flags: Flags, password: SecretText | undefined): BecomeSettings {
  const limit = flags.limit === undefined ? {} : { limit: flags.limit };
  const hosts = [...new Set(playbook.plays.flatMap(({ hosts: pattern }) => matchHosts(inventory, pattern, limit)))];
  const [first, ...others] = hosts.map((host) => ({ host, settings: becomeOf(inventory, host, flags, password) }));
  if (!first) return { become: flags.become, becomeUser: flags.becomeUser ?? 'root', becomeMethod: flags.becomeMethod ?? 'sudo', becomePassword: password };
  for (const { host, settings } of others) {
    const name = differing(first.settings, settings);
    if (name === undefined) continue;
    throw new PlayError(`The hosts ${first.host} and ${host} differ in ${name}`, {
      hint: `One run becomes in one way on all its hosts. Run for them one after the other: -l ${first.host}, then -l ${host}.`,
    });
  }
  return first.settings;
}

function differing(a: BecomeSettings, b: BecomeSettings): string | undefined {
  if (a.become !== b.become) return 'ansible_become';
  if (a.becomeUser !== b.becomeUser) return 'ansible_become_user';
  if (a.becomeMethod !== b.becomeMethod) return 'ansible_become_method';
  if (a.becomePassword === b.becomePassword) return undefined;
  return a.becomePassword?.expose() === b.becomePassword?.expose() ? undefined : 'ansible_become_password';
}

function methodOf(variables: HostVariables): Become['method'] | undefined {
  const named = variables.text('ansible_become_method')?.replace(/^(?:ansible\.builtin|community\.general)\./, '');
  if (named === undefined) return undefined;
  const method = becomeMethods.find((known) => known === named);
  if (method !== undefined) return method;
  throw variables.wrong('ansible_become_method', `is "${named}", which play does not have`, `It has ${becomeMethods.join(', ')}.`);
}
