import { said, type Style } from '../../../report/index.ts';
import type { PatchedHost } from './patched.ts';

/** How the summary is put. */
export interface SummaryForm {
  readonly style: Style;
  /** Check mode: what would be. */
  readonly check: boolean;
  /** Names all hosts, however many. */
  readonly isLong: boolean;
}

/** Names of hosts up to here are told, more are counted. */
const mostNames = 3;

/**
 * What came of all hosts, alike ones together.
 *
 * @example openssl 3.0.11 -> 3.0.14 on 212 hosts
 */
export function summaryLines(hosts: readonly PatchedHost[], form: SummaryForm): string[] {
  const { style, check } = form;
  const rows = (word: string, groups: readonly Group[]): string[] =>
    groups.map(
      ({ text, why, of }) =>
        `${word === '' ? '' : `${word}${' '.repeat(width - word.length)}`}${said(text)}${hostsText(of, form)}${why === undefined ? '' : `: ${said(why)}`}`,
    );
  const marked = (colour: (text: string) => string, lines: readonly string[]): string[] =>
    lines.map((line) => `${colour(line.slice(0, width))}${line.slice(width)}`);
  const step = ({ name, from, to }: { readonly name: string; readonly from: string; readonly to: string }): string =>
    `${name} ${from} -> ${to}`;
  const left = (of: (all: NonNullable<PatchedHost['upgrades']>) => readonly Text[]): Group[] =>
    grouped(hosts, ({ upgrades }) => (upgrades === undefined ? [] : of(upgrades)));
  return [
    ...rows('', packageGroups(hosts.filter(({ isUpgraded }) => isUpgraded))),
    ...marked(style.yellow, rows('not upgraded', packageGroups(hosts.filter(({ isUpgraded }) => !isUpgraded)))),
    ...marked(
      style.cyan,
      rows(
        'kept back',
        left(({ keptBack }) => keptBack.map((one) => ({ text: step(one), why: one.why }))),
      ),
    ),
    ...marked(
      style.cyan,
      rows(
        'phased',
        left(({ phased }) =>
          phased.map((one) => ({ text: step(one), why: `${one.percent} of 100 hosts get it by now` })),
        ),
      ),
    ),
    ...marked(
      style.cyan,
      rows(
        'on hold',
        left(({ held }) => held.map((one) => ({ text: step(one), why: 'apt-mark unhold' }))),
      ),
    ),
    ...rows(
      check ? 'to restart' : 'restarted',
      grouped(hosts, ({ restarted }) => restarted.map((unit) => ({ text: unitText(unit) }))),
    ),
    ...rows(
      check ? 'to reboot' : 'rebooted',
      grouped(hosts, ({ rebootedFor }) => rebootedFor.map((text) => ({ text }))),
    ),
    ...marked(style.yellow, rows('runs old code', oldCode(hosts))),
    ...marked(
      style.yellow,
      rows(
        'needs reboot',
        grouped(hosts, ({ outdated }) => (outdated?.reboot ?? []).map((text) => ({ text }))),
      ),
    ),
    ...missingNames(hosts).map((name) => style.yellow(`${said(name)} is installed on none of these hosts`)),
    lastLine(hosts, form),
  ];
}

/** Where what follows the first word of a line begins. */
const width = 15;

interface Text {
  readonly text: string;
  readonly why?: string;
}

interface Group extends Text {
  readonly of: readonly string[];
}

/** Packages that go from one version to another on the same hosts are told together. */
function packageGroups(hosts: readonly PatchedHost[]): Group[] {
  const byStep = grouped(hosts, ({ upgrades }) =>
    (upgrades?.packages ?? []).map(({ name, from, to }) => ({ text: `${name}\t${stepText(from, to)}` })),
  );
  const together = new Map<string, { names: string[]; step: string; of: readonly string[] }>();
  for (const { text, of } of byStep) {
    const [name = '', step = ''] = text.split('\t');
    const key = `${step}\n${of.join('\n')}`;
    const known = together.get(key);
    if (known) known.names.push(name);
    else together.set(key, { names: [name], step, of });
  }
  return [...together.values()].map(({ names, step, of }) => ({
    text: `${names.join(', ')} ${step}`,
    of,
  }));
}

function stepText(from: string | null, to: string | null): string {
  if (to === null) return `${from ?? ''} (removed)`;
  if (from === null) return `${to} (new)`;
  return from === 'unpacked' ? `${to} (an interrupted installation is finished)` : `${from} -> ${to}`;
}

/** The texts of all hosts, each once, with whose it is: those of most hosts first. */
function grouped(hosts: readonly PatchedHost[], of: (host: PatchedHost) => readonly Text[]): Group[] {
  const groups = new Map<string, { readonly text: Text; readonly of: string[] }>();
  for (const one of hosts)
    for (const text of of(one)) {
      const key = `${text.text}\n${text.why ?? ''}`;
      const group = groups.get(key) ?? { text, of: [] };
      if (!group.of.includes(one.host)) group.of.push(one.host);
      groups.set(key, group);
    }
  return [...groups.values()]
    .map(({ text, of: names }) => ({ ...text, of: names }))
    .sort((a, b) => b.of.length - a.of.length);
}

/** What goes on running old code, why, and what ends that. */
function oldCode(hosts: readonly PatchedHost[]): Group[] {
  return grouped(hosts, ({ outdated }) =>
    outdated === undefined
      ? []
      : [
          ...outdated.services.map(({ unit }) => ({ text: unitText(unit), why: '--restart restarts it' })),
          ...outdated.left.map(({ unit, why }) => ({ text: unit, why })),
        ],
  );
}

function unitText(unit: string): string {
  return unit === 'init.scope' ? 'systemd itself' : unit;
}

/** Names in `--only` that no host has installed: mistyped, most likely. */
function missingNames(hosts: readonly PatchedHost[]): string[] {
  const looked = hosts.flatMap(({ upgrades }) => (upgrades === undefined ? [] : [upgrades.notInstalled]));
  const [first = []] = looked;
  return first.filter((name) => looked.every((names) => names.includes(name)));
}

function hostsText(hosts: readonly string[], { isLong }: SummaryForm): string {
  return hosts.length > mostNames && !isLong ? ` on ${hosts.length} hosts` : ` on ${hosts.join(', ')}`;
}

/** @example 212 hosts: 208 upgraded, 12 rebooted, 31 need a reboot, 4 held */
function lastLine(hosts: readonly PatchedHost[], { check }: SummaryForm): string {
  const { upgraded, rebooted, needReboot, held, failed, unreachable, nothing } = countsOf(hosts);
  const would = check ? 'would be ' : '';
  const parts = [
    [upgraded, `${would}upgraded`],
    [rebooted, `${would}rebooted`],
    [needReboot, needReboot === 1 ? 'needs a reboot' : 'need a reboot'],
    [held, 'held'],
    [failed, check ? 'would fail' : 'failed'],
    [unreachable, 'unreachable'],
    [nothing, 'with nothing to do'],
  ] as const;
  const news = parts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  return `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}: ${news.join(', ')}`;
}

/** How many hosts came to what. */
export function countsOf(hosts: readonly PatchedHost[]) {
  const count = (is: (host: PatchedHost) => boolean): number => hosts.filter(is).length;
  return {
    upgraded: count(({ isUpgraded }) => isUpgraded),
    rebooted: count(({ isRebooted }) => isRebooted),
    needReboot: count(({ outdated }) => (outdated?.reboot.length ?? 0) > 0),
    held: count(({ status }) => status === 'held'),
    failed: count(({ status }) => status === 'failed'),
    unreachable: count(({ status }) => status === 'unreachable'),
    nothing: count(
      ({ status, isUpgraded, isRebooted, restarted, upgrades }) =>
        status === 'fine' && upgrades !== undefined && !isUpgraded && !isRebooted && restarted.length === 0,
    ),
  };
}
