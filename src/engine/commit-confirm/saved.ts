import type { Plan } from '../../contract/index.ts';
import { pathsOf } from './ways-in.ts';

/** A thing that is saved before a change, and put back unless the change is confirmed. `saveSh` says what each kind is. */
export interface Saved {
  readonly kind: 'path' | 'tree' | 'account' | 'unit' | 'table' | 'tables' | 'network' | `kept:${string}:${number}`;
  /** A path, an account, a unit, a table by family and name; empty where the kind says it all. */
  readonly name: string;
}

/** What is saved, under a number by which it is put back in its turn. */
export interface Numbered extends Saved {
  readonly number: string;
}

/** More than there can be changes under one guard. */
const most = 1_000_000;

/**
 * The number of a saved thing: what was saved later is put back first, so that the oldest state is what stays where a folder
 * and a file in it were saved at different times.
 *
 * @param generation which saving it belongs to, from 1; 0: its state is older than all of these
 */
export function numberOf(generation: number, order: number): string {
  return `${most - generation}.${order}`;
}

/** Where what decides on logins and networks is kept: saved whole where nobody can tell what a change will do. */
const trees = [
  '/etc/ssh',
  '/etc/sudoers.d',
  '/etc/pam.d',
  '/etc/security',
  '/etc/network',
  '/etc/netplan',
  '/etc/systemd/network',
  '/etc/nftables.d',
  '/etc/iptables',
  '/etc/firewalld',
];
const files = ['/etc/sudoers', '/etc/nftables.conf', '/etc/hosts.allow', '/etc/hosts.deny', '/etc/nologin'];
/** What no file is kept of. */
const ofKernel = /^\/(?:proc|sys|dev)(?:\/|$)/;
const sshUnits = ['ssh.service', 'ssh.socket', 'sshd.service'];

/** What a change could spoil that is saved in any case: how one logs in, by whom. */
export function savedAlways(login: string | undefined): Saved[] {
  return [
    ...sshUnits.map((name): Saved => ({ kind: 'unit', name })),
    ...(login === undefined ? [] : [{ kind: 'account' as const, name: login }]),
  ];
}

/** What of all that leads in a change could spoil, where nobody knows what it does (`command`). */
export function savedWhole(): Saved[] {
  return [
    ...trees.map((name): Saved => ({ kind: 'tree', name })),
    ...files.map((name): Saved => ({ kind: 'path', name })),
    { kind: 'tables', name: '' },
    { kind: 'network', name: '' },
  ];
}

/** What a plan is about to change: its paths, units, accounts, tables. Folders come before what is in them. */
export function savedOf(plan: Plan<unknown>): Saved[] {
  const gone = new Set(
    plan.after.flatMap(({ question: { kind, args }, answer }) =>
      kind.kind === 'stat' && isAbsent(answer) ? [args[0] ?? ''] : [],
    ),
  );
  const paths = pathsOf(plan)
    .filter((path) => path.startsWith('/') && path !== '/' && !ofKernel.test(path))
    .sort();
  return [
    ...paths.map((name): Saved => ({ kind: gone.has(name) || trees.includes(name) ? 'tree' : 'path', name })),
    ...(plan.units ?? []).filter((name) => name !== '*').map((name): Saved => ({ kind: 'unit', name })),
    ...(plan.closes ?? []).flatMap((way): Saved[] => {
      if (way.by === 'account') return [{ kind: 'account', name: way.name }];
      if (way.by === 'firewall')
        return [way.table === undefined ? { kind: 'tables', name: '' } : { kind: 'table', name: way.table }];
      return [];
    }),
  ];
}

function isAbsent(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'type' in answer && answer.type === 'absent';
}
