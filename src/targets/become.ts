import type { Become, SecretText } from '../connection/index.ts';
import type { Inventory } from '../inventory/index.ts';
import { becomeMethods, type ConnectionFlags } from '../options/connection-flags.ts';
import { HostVariables } from '../project/variables.ts';
import type { HostBecome } from '../run/index.ts';

/** What a host's variables say of becoming another user. @throws PlayError for what cannot be honoured */
export function becomeOf(inventory: Inventory, host: string, isSandbox: boolean): HostBecome {
  const variables = new HostVariables(inventory, host);
  // A throwaway host has sudo and passwords of its own: those of the real one neither fit nor shall be tried there.
  const ofRealHost = isSandbox ? undefined : variables;
  const become = variables.boolean('ansible_become');
  const user = variables.account('ansible_become_user');
  const method = ofRealHost && methodOf(ofRealHost);
  const password = ofRealHost?.secret('ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass');
  return {
    ...(become === undefined ? {} : { become: { value: become, at: variables.place('ansible_become') } }),
    ...(user === undefined ? {} : { user: { value: user, at: variables.place('ansible_become_user') } }),
    ...(method === undefined ? {} : { method }),
    ...(password === undefined ? {} : { password }),
  };
}

/** `becomeOf`, asked once a host: runs ask for every play. A run may know more hosts than the inventory it began with. */
export function becomeReader(
  inventory: Inventory,
  isSandbox: boolean,
): (host: string, within?: Inventory) => HostBecome {
  const known = new Map<Inventory, Map<string, HostBecome>>();
  return (host, within = inventory) => {
    const ofHosts = known.get(within) ?? new Map<string, HostBecome>();
    known.set(within, ofHosts);
    let own = ofHosts.get(host);
    if (!own) {
      own = becomeOf(within, host, isSandbox);
      ofHosts.set(host, own);
    }
    return own;
  };
}

/** How users are become on hosts: by a host's own variables, else by what the command line says of all. */
export interface Becoming {
  passwordOf(host: string): SecretText | undefined;
  become(host: string, user: string): Become;
}

/** @param asked the become password of the command line */
export function becoming(
  own: (host: string) => HostBecome,
  { becomeMethod = 'sudo' }: Pick<ConnectionFlags, 'becomeMethod'>,
  asked: SecretText | undefined,
): Becoming {
  const passwordOf = (host: string): SecretText | undefined => own(host).password ?? asked;
  return {
    passwordOf,
    become(host, user) {
      const password = passwordOf(host);
      return { user, method: own(host).method ?? becomeMethod, ...(password ? { password } : {}) };
    },
  };
}

function methodOf(variables: HostVariables): Become['method'] | undefined {
  const named = variables.text('ansible_become_method')?.replace(/^(?:ansible\.builtin|community\.general)\./, '');
  if (named === undefined) return undefined;
  const method = becomeMethods.find((known) => known === named);
  if (method !== undefined) return method;
  throw variables.wrong(
    'ansible_become_method',
    `is "${named}", which play does not have`,
    `It has ${becomeMethods.join(', ')}.`,
  );
}
