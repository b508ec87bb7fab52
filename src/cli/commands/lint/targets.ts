import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { PlayError, distance, locationText, nearest, type Location } from '../../../errors/index.ts';
import { filesOf, isMapping, type Inventory, type Value } from '../../../inventory/index.ts';
import { someOf, type Finding } from './finding.ts';

export interface TargetsInput {
  readonly inventory: Inventory;
  readonly hosts: readonly string[];
  /** The inventory's files or folders. */
  readonly sources: readonly string[];
  readonly project: string | undefined;
  readonly playbooks: readonly string[];
}

/**
 * Names in the domains of the inventory's hosts that no host has: what is left of hosts that were removed, or misspelt.
 *
 * A domain has names of services too (`www`, `api`), which are nobody's host. So a name counts when it once was a host
 * (the inventory's history in git knows), when it is nearly the name of one, or when it stands as machines do: alone or
 * with a port, not in a URL, in a list of targets.
 */
export function lintTargets({ inventory, hosts, sources, project, playbooks }: TargetsInput): Finding[] {
  const known = new Set([...inventory.hosts.keys()].map((name) => name.toLowerCase()));
  const domains = new Set([...known].flatMap((name) => domainOf(name) ?? []));
  if (domains.size === 0) return [];
  const removed = removedHosts(sources, project, known);
  const served = new Set<string>();
  const uses = new Map<
    string,
    { name: string; variable: string; where: Location | string; hosts: string[]; isMachine: boolean }
  >();
  for (const host of hosts) {
    for (const { name: variable, value, origin } of inventory.variables(host).values()) {
      if (variable.startsWith('ansible_')) continue;
      for (const { text, way } of textsIn(value, [variable])) {
        const name = nameIn(text);
        const domain = name === undefined ? undefined : domainOf(name);
        if (name === undefined || domain === undefined || !domains.has(domain) || known.has(name)) continue;
        // What our own web servers answer to and have certificates for is a service.
        if (way.some((step) => /names?$|domains?$|hostname|interfaces/i.test(step)) && text === name) served.add(name);
        const key = `${name}\0${variable}\0${locationText(origin.where)}`;
        const use = uses.get(key) ?? { name, variable, where: origin.where, hosts: [], isMachine: false };
        if (!use.hosts.includes(host)) use.hosts.push(host);
        use.isMachine ||=
          !text.includes('/') && way.some((step) => /targets?$|^hosts?$|instances?$|servers?$/i.test(step));
        uses.set(key, use);
      }
    }
  }
  const findings = [...uses.values()].flatMap((use): Finding[] => {
    const why = reason(use.name, { removed, known, isMachine: use.isMachine && !served.has(use.name) });
    return why === undefined
      ? []
      : [
          {
            rule: 'lost-target',
            what: `${use.variable} names ${use.name} (of ${someOf(use.hosts)}), ${why.what}`,
            where: lineOf(use.where, use.name),
            hint: why.hint,
          },
        ];
  });
  return [...findings, ...playbooks.flatMap((file) => inPlaybook(file, domains, known, removed))];
}

function reason(
  name: string,
  { removed, known, isMachine }: { removed: ReadonlySet<string>; known: ReadonlySet<string>; isMachine: boolean },
): { what: string; hint: string } | undefined {
  if (removed.has(name))
    return {
      what: 'which was a host and no longer is',
      hint: `Take it out; ./play host remove names what else is left of a host.`,
    };
  const [meant] = nearest(name, known, 1);
  const isNear = meant !== undefined && distance(name, meant) === 1;
  if (isNear) return { what: 'which is not a host', hint: `Did you mean ${meant}?` };
  return isMachine ? { what: 'which is not a host', hint: 'Remove it, or add it to the inventory.' } : undefined;
}

/** Quoted names in a playbook: conditions and delegation that hold for nobody. */
function inPlaybook(
  file: string,
  domains: ReadonlySet<string>,
  known: ReadonlySet<string>,
  removed: ReadonlySet<string>,
): Finding[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/(['"`])([\w.-]+)\1/g)].flatMap(({ 2: quoted = '' }): Finding[] => {
        const name = quoted.toLowerCase();
        const domain = domainOf(name);
        if (domain === undefined || !domains.has(domain) || known.has(name)) return [];
        const why = reason(name, { removed, known, isMachine: false });
        return why === undefined
          ? []
          : [
              {
                rule: 'unknown-host',
                what: `The playbook names ${name}, ${why.what}`,
                where: { file, line: index + 1 },
                hint: why.hint,
              },
            ];
      }),
    );
}

/** `example.org` of `web1.example.org`; none for a bare word or an address. */
function domainOf(name: string): string | undefined {
  return /^[a-z0-9_-]+\.((?:[a-z0-9-]+\.)+[a-z]{2,})$/.exec(name)?.[1];
}

/** The host name of a URL, of `host:port`, or the text itself. */
function nameIn(text: string): string | undefined {
  return /^(?:[a-z][\w+.-]*:\/\/)?(?:[^/@\s]*@)?([A-Za-z0-9_][\w.-]*\.[A-Za-z]{2,})(?::\d+)?(?:\/\S*)?$/
    .exec(text)?.[1]
    ?.toLowerCase();
}

function textsIn(value: Value, way: readonly string[]): { text: string; way: readonly string[] }[] {
  if (typeof value === 'string') return [{ text: value, way }];
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap((item) => textsIn(item, way));
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...way, key]));
}

/** The line of the variable's file that has the name, from where the variable begins on. */
function lineOf(where: Location | string, name: string): Location | string {
  if (typeof where === 'string' || where.line === undefined) return where;
  try {
    const at = readFileSync(where.file, 'utf8')
      .split('\n')
      .findIndex((line, index) => index + 1 >= (where.line ?? 1) && line.toLowerCase().includes(name));
    return at === -1 ? where : { file: where.file, line: at + 1 };
  } catch {
    return where;
  }
}

/** Names that began a line of the inventory in some commit and are no host now. None where there is no git. */
function removedHosts(
  sources: readonly string[],
  project: string | undefined,
  known: ReadonlySet<string>,
): Set<string> {
  const files = sources.flatMap(filesOfSource);
  if (project === undefined || files.length === 0) return new Set();
  try {
    const log = execFileSync(
      'git',
      [
        '-C',
        project,
        'log',
        '--no-color',
        '--no-ext-diff',
        '-p',
        '-U0',
        '--format=',
        '--',
        ...files.map((file) => (isAbsolute(file) ? file : join(project, file))),
      ],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const names = [...log.matchAll(/^-\s*["']?([A-Za-z0-9][\w.-]*\.[A-Za-z]{2,})["']?(?=[\s:]|$)/gm)].map(
      ([, name = '']) => name.toLowerCase(),
    );
    return new Set(names.filter((name) => !known.has(name)));
  } catch {
    return new Set();
  }
}

function filesOfSource(source: string): string[] {
  try {
    return source.endsWith('.ts') ? [source] : filesOf(source);
  } catch (thrown) {
    if (thrown instanceof PlayError) return [];
    throw thrown;
  }
}
