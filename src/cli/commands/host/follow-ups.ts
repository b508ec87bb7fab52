import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { knownHostLines } from '../../../connection/index.ts';
import { locationText } from '../../../errors/index.ts';
import type { Inventory } from '../../../inventory/index.ts';
import { groupReaders } from './group-readers.ts';
import { findMentions } from './mentions.ts';
import type { ProjectPlays } from './project-plays.ts';

/** Something that is not done by editing the inventory. */
export interface FollowUp {
  readonly what: string;
  /** Places, or reasons. */
  readonly details: readonly string[];
  readonly commands: readonly string[];
}

export interface Edited {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly before: Inventory;
  readonly after: Inventory;
  readonly project: string | undefined;
  readonly plays: ProjectPlays;
  /** The inventory's own files. */
  readonly sources: readonly string[];
  readonly knownHostsFiles: readonly string[];
}

const play = (): string => (existsSync('play') ? './play' : 'play');
const look = (name: string, limit: string | undefined, tags: readonly string[] = []): string =>
  `${play()} ${name}${tags.length === 0 ? '' : ` -t ${tags.join(',')}`}${limit === undefined ? '' : ` -l ${limit}`} --diff -C`;

/** What must follow when a host came. */
export function afterAdding(edited: Edited): FollowUp[] {
  const { host, before, after, plays } = edited;
  const old = before.hosts.has(host) ? plays.of(before, host) : [];
  const gained = plays.of(after, host).filter((name) => !old.includes(name));
  const isNew = !before.hosts.has(host);
  const had = before.hosts.get(host)?.groups ?? [];
  const groups = (after.hosts.get(host)?.groups ?? []).filter((group) => !had.includes(group));
  return [
    ...(isNew
      ? [
          {
            what: 'first login',
            details: ['key, account, sudo, host key; looks at the A and AAAA records'],
            commands: [`${play()} bootstrap ${host} -u root`],
          },
        ]
      : []),
    ...(gained.length > 0
      ? [
          {
            what: 'playbooks',
            details: [`whose plays match it now: ${gained.join(', ')}`],
            commands: gained.map((name) => look(name, host)),
          },
        ]
      : []),
    ...throughGroups(edited, after, groups),
    ...mentions(edited, after),
  ];
}

/** What must follow when a host went. */
export function afterRemoving(edited: Edited): FollowUp[] {
  const { host, address, port, before, after, plays, knownHostsFiles } = edited;
  const lost = plays.of(before, host);
  const groups = before.hosts.get(host)?.groups ?? [];
  const emptied = groups.filter((group) => (after.groups.get(group)?.hosts.length ?? 0) === 0);
  const names = [...new Set([host, address])];
  const known = names.flatMap((name) =>
    knownHostLines(knownHostsFiles, name, port).map(({ file, line }) => ({ name, file, line })),
  );
  return [
    ...(lost.length > 0
      ? [
          {
            what: 'playbooks',
            details: [
              `whose plays no longer match it: ${lost.join(', ')}. What they set up there stays until the host is wiped.`,
            ],
            commands: [],
          },
        ]
      : []),
    ...plays.emptied(before, after).map(({ name, pattern }) => ({
      what: 'plays without hosts',
      details: [`${name}: ${pattern} no longer has any hosts`],
      commands: [],
    })),
    ...(emptied.length > 0 ? [{ what: 'empty groups', details: emptied, commands: [] }] : []),
    ...throughGroups(edited, after, groups),
    ...mentions(edited, after),
    ...(known.length > 0
      ? [
          {
            what: 'known_hosts',
            details: known.map(({ file, line }) => `${file}:${line}`),
            commands: [
              ...new Set(
                known.map(
                  ({ name, file }) =>
                    `ssh-keygen -R ${quoted(port === 22 ? name : `[${name}]:${port}`)} -f ${quoted(file)}`,
                ),
              ),
            ],
          },
        ]
      : []),
    { what: 'DNS', details: [`the A and AAAA records of ${host}`], commands: [] },
  ];
}

/**
 * What is made of its groups: variables that name one of them, targets of monitoring above all; and tasks of other
 * hosts that come out otherwise, with the tags that select them.
 */
function throughGroups(
  { host, before, plays, project }: Edited,
  after: Inventory,
  groups: readonly string[],
): FollowUp[] {
  const due = plays.touched(before, after, host).flatMap(({ name, hosts }) => hosts.map((one) => ({ name, ...one })));
  const readers = groupReaders(after, groups).map(({ variable, groups: named, where, hosts }): FollowUp => {
    const narrowed = due.filter((one) => hosts.includes(one.host));
    const whole = hosts
      .filter((one) => !narrowed.some((other) => other.host === one))
      .flatMap((one) => plays.of(after, one).map((name) => look(name, one)));
    return {
      what: /prometheus|blackbox|target|_jobs/.test(variable) ? 'monitoring targets' : 'made of groups',
      details: [`${variable} reads ${named.join(', ')} (${shown(locationText(where), project)})`],
      commands: [...new Set([...narrowed.map(({ name, host: one, tags }) => look(name, one, tags)), ...whole])],
    };
  });
  const told = new Set(readers.flatMap(({ commands }) => commands));
  const others = due.map(({ name, host: one, tasks, tags }): FollowUp => ({
    what: 'made of groups',
    details: [`${one}: ${tasks.join(', ')}`],
    commands: [look(name, one, tags)],
  }));
  return [...readers, ...others.filter(({ commands }) => !commands.every((command) => told.has(command)))];
}

function mentions({ host, address, project, sources, plays }: Edited, after: Inventory): FollowUp[] {
  if (project === undefined) return [];
  const names = [host, ...(isIP(address) ? [address] : [])];
  return findMentions(project, names, sources).map(({ kind, file, lines, under }) => {
    const place = `${file}${lines.length > 0 ? `:${lines.join(',')}` : '/'}`.replace(/(\.\w+)\/$/, '$1');
    if (kind === 'variables of the host')
      return { what: kind, details: [place], commands: after.hosts.has(host) ? [] : [`git rm -r ${quoted(file)}`] };
    if (kind === 'known_hosts')
      return {
        what: kind,
        details: [place],
        commands: after.hosts.has(host) ? [] : [`ssh-keygen -R ${host} -f ${quoted(file)}`],
      };
    const commands =
      kind === 'documents'
        ? []
        : plays.runsFor(file, under, project, after).map(({ name, limit, tags }) => look(name, limit, tags));
    return { what: kind, details: [`${place}${under === undefined ? '' : ` (${under})`}`], commands };
  });
}

function shown(place: string, project: string | undefined): string {
  return project !== undefined && place.startsWith(`${project}/`) ? relative(project, place) : place;
}

function quoted(word: string): string {
  return /^[\w.:@%+/~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Where OpenSSH keeps host keys, unless the project says otherwise. */
export function usualKnownHosts(configured: string | undefined): string[] {
  return configured === undefined ? [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'] : [configured];
}
