import * as v from 'valibot';
import {
  predict,
  settled,
  type Change,
  type Found,
  type Prediction,
  type PathState,
  type Plan,
  type Step,
} from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { linkTarget, stat } from '../../probes/index.ts';
import { behindLinks, folderOf } from '../kit/folder.ts';
import { gone } from '../kit/predictions.ts';
import { path, text } from '../kit/schemas.ts';
import { alternativesOf, alternativeSubject, type Alternative, type Alternatives } from './alternatives.probe.ts';

interface Subcommand {
  readonly name: string;
  readonly path: string;
  readonly link?: string | undefined;
}

interface WantedAlternative {
  readonly name: string;
  readonly path: string;
  readonly link?: string | undefined;
  readonly priority?: number | undefined;
  readonly subcommands?: readonly Subcommand[] | undefined;
  readonly state: 'present' | 'selected' | 'auto' | 'absent';
}

const name = (description: string) =>
  v.pipe(text(description), v.regex(/^[^\s/-][^\s/]*$/, 'must be one word without slashes'));

/** The program behind a name such as `editor`. */
export const alternatives = defineResource({
  name: 'alternatives',
  summary: 'Which program a generic name such as `editor` or `java` stands for, set with update-alternatives(1).',
  options: {
    name: name('The name: `editor`.'),
    path: path('The program: `/usr/bin/vim.basic`.'),
    link: v.optional(path('The link for the name: `/usr/bin/editor`. Needed if the name is new on the host.')),
    priority: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.description('Its priority in automatic mode. Default: as it is; 50 for a new one.'),
      ),
    ),
    subcommands: v.optional(
      v.pipe(
        v.array(
          v.strictObject({
            name: name('The dependent name: `editor.1.gz`.'),
            path: path('The file it stands for with this program.'),
            link: v.optional(path('Its link. Needed if the name is new on the host.')),
          }),
        ),
        v.description(
          'Names that follow this one, such as its manual page: `name`, `path`, and `link` for a new name. Default: those the program already has.',
        ),
      ),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'selected', 'auto', 'absent']),
        v.description(
          '`selected`: registered and chosen. `present`: registered. `auto`: registered, with automatic mode on, in which the highest priority wins. `absent`: not registered.',
        ),
      ),
      'selected',
    ),
  },
  example: `alternatives({ name: 'editor', path: '/usr/bin/vim.basic' })
alternatives({ name: 'java', path: '/opt/jdk/bin/java', link: '/usr/bin/java', priority: 100, subcommands: [{ name: 'javac', path: '/opt/jdk/bin/javac', link: '/usr/bin/javac' }] })`,
  validateOptions({ state, subcommands }) {
    if (subcommands === undefined) return undefined;
    if (state === 'absent') return '`subcommands` go with the program; leave them out with state `absent`';
    const names = subcommands.map((one) => one.name);
    const twice = names.find((one, i) => names.indexOf(one) !== i);
    return twice === undefined ? undefined : `the subcommand ${twice} is given twice`;
  },
  title: ({ name: given }) => given ?? '',
  prepare: (given): WantedAlternative => given,
  probes: ({ name: own, path: program }) => [alternativesOf(own), stat(program)],
  plan,
});

interface AlternativesResult {
  /** The name of the group of alternatives. */
  readonly name: string;
  /** The program that the task is about. */
  readonly path: string;
}

type Outcome = Plan<AlternativesResult>;

const tool = 'update-alternatives --quiet';
const scripts = {
  install: `${tool} --install "$@" >&2`,
  set: `${tool} --set "$1" "$2" >&2`,
  auto: `${tool} --auto "$1" >&2`,
  remove: `${tool} --remove "$1" "$2" >&2`,
} as const;

function plan(wanted: WantedAlternative, found: Found): Outcome {
  const { name: own, path: program, state } = wanted;
  const result = { name: own, path: program };
  const now = withPlanned(own, found.get(alternativesOf(own)), found);
  const registered = now?.all.find((one) => one.path === program);
  if (state === 'absent') return registered && now ? removal(own, program, now, found) : settled(result);
  const link = wanted.link ?? now?.link;
  found.require(link !== undefined, {
    failure: `the name ${own} is new on this host`,
    hint: `Give its \`link\`, such as /usr/bin/${own}.`,
    by: null,
  });
  const followerLinks = new Map([
    ...(now?.followerLinks ?? []),
    ...(wanted.subcommands ?? []).flatMap((one) => (one.link === undefined ? [] : [[one.name, one.link] as const])),
  ]);
  const lost = wanted.subcommands?.find((one) => !followerLinks.has(one.name));
  found.require(lost === undefined, {
    failure: `the name ${lost?.name} is new on this host`,
    hint: 'Give its `link`.',
    by: null,
  });
  const followers =
    wanted.subcommands === undefined
      ? (registered?.followers ?? new Map<string, string>())
      : new Map(wanted.subcommands.map((one) => [one.name, one.path]));
  const next: Alternative = { path: program, priority: wanted.priority ?? registered?.priority ?? 50, followers };
  const changes: Change[] = [];
  const steps: Step[] = [];
  let is: Alternatives = now ?? { link, followerLinks, auto: true, value: '', all: [], at: 'nothing', lost: [] };
  const told = registrationChanges(registered, next, now, link, followerLinks);
  if (told.length > 0) {
    needPlace(own, program, link, now, found);
    const slaves = [...followers].flatMap(([follower, at]) => [
      '--slave',
      followerLinks.get(follower) ?? '',
      follower,
      at,
    ]);
    steps.push({
      script: scripts.install,
      args: [link, own, program, String(next.priority), ...slaves],
      label: `register ${program} for ${own}`,
    });
    changes.push(...told);
    is = withProgram({ ...is, link, followerLinks, at: 'link', lost: [] }, next);
  }
  // What priorities chose only now is not chosen yet.
  if (state === 'selected' && (now?.value !== program || is.value !== program)) {
    steps.push({ script: scripts.set, args: [own, program], label: `choose ${program} for ${own}` });
    is = { ...is, auto: false, value: program, lost: [] };
  }
  // Automatic is what update-alternatives calls it also where the link was turned by hand to another of them.
  if (state === 'auto' && (!is.auto || is.value !== best(is.all, is.value))) {
    steps.push({ script: scripts.auto, args: [own], label: `let priorities choose ${own}` });
    if (!is.auto) changes.push({ what: 'choice', from: 'manual', to: 'auto' });
    is = { ...is, auto: true, value: best(is.all, is.value), lost: [] };
  }
  if ((now?.value ?? '') !== is.value)
    changes.push({ what: 'program', ...(now ? { from: now.value || 'none' } : {}), to: is.value });
  if (steps.length === 0) return settled(result);
  return { changes, steps, ...stateAfter(own, now, is, found), result };
}

/** Check mode: with links that planned changes turn or take away. */
function withPlanned(own: string, now: Alternatives | null, found: Found): Alternatives | null {
  if (now === null) return now;
  const isPlanned = (path: string): boolean => found.plannedBelow(folderOf(path)).some((one) => one.path === path);
  const target = (path: string): string | undefined =>
    found.get(stat(path)).type === 'link' ? (found.get(linkTarget(path)) ?? undefined) : undefined;
  const inside = `/etc/alternatives/${own}`;
  const at = !isPlanned(now.link)
    ? now.at
    : target(now.link) === inside
      ? 'link'
      : found.get(stat(now.link)).type === 'absent'
        ? 'nothing'
        : 'other';
  const value = isPlanned(inside) ? (target(inside) ?? '') : now.value;
  const isOurs = now.all.some((one) => one.path === value);
  const chosen = now.all.find((one) => one.path === value);
  const lost = [...(chosen?.followers ?? [])].flatMap(([follower, path]) => {
    const [link = '', middle] = [now.followerLinks.get(follower), `/etc/alternatives/${follower}`];
    if (!isPlanned(link) && !isPlanned(middle)) return now.lost.includes(follower) ? [follower] : [];
    const isRight = target(link) === middle && target(middle) === path;
    return isRight ||
      found.get(stat(path)).type === 'absent' ||
      !['link', 'absent'].includes(found.get(stat(link)).type)
      ? []
      : [follower];
  });
  return {
    ...now,
    at,
    value,
    lost,
    auto:
      value === now.value
        ? now.auto
        : value === '' || (isOurs ? now.auto : behindLinks(value, found).type === 'absent'),
  };
}

function registrationChanges(
  registered: Alternative | undefined,
  next: Alternative,
  now: Alternatives | null,
  link: string,
  links: ReadonlyMap<string, string>,
): Change[] {
  const changes: Change[] = [];
  if (!registered) changes.push({ what: 'alternative', to: `${next.path} (${next.priority})` });
  else if (registered.priority !== next.priority)
    changes.push({ what: 'priority', from: String(registered.priority), to: String(next.priority) });
  if (now && now.link !== link) changes.push({ what: 'link', from: now.link, to: link });
  else if (now && now.at !== 'link')
    changes.push({ what: 'link', from: now.at === 'nothing' ? 'absent' : 'something else', to: link });
  const text = (of: ReadonlyMap<string, string>, at: ReadonlyMap<string, string>): string =>
    [...of]
      .sort()
      .map(([follower, program]) => `${at.get(follower) ?? ''} -> ${program}`)
      .join(', ') || 'none';
  const [before, after] = [
    text(registered?.followers ?? new Map(), now?.followerLinks ?? new Map()),
    text(next.followers, links),
  ];
  const lost = now?.value === next.path ? now.lost.filter((one) => next.followers.has(one)) : [];
  if (before === after && lost.length > 0)
    changes.push({ what: 'subcommands', from: `${lost.join(', ')} not in place`, to: after });
  if (before !== after) changes.push({ what: 'subcommands', from: before, to: after });
  return changes;
}

/** What is registered is there, and so is a place to call it. */
function needPlace(own: string, program: string, link: string, now: Alternatives | null, found: Found): void {
  for (const path of [program, folderOf(link)])
    found.require(behindLinks(path, found).type !== 'absent', { failure: `${path} is not there` });
  const isTaken =
    now?.link === link ? now.at === 'other' : found.get(stat(link)).type !== 'absent' && !isOurLink(own, link, found);
  found.require(!isTaken, {
    failure: `${link} is there, and is no link of ${own}: update-alternatives leaves it alone`,
    hint: 'Remove it first.',
    by: null,
  });
}

function isOurLink(own: string, link: string, found: Found): boolean {
  return found.get(stat(link)).type === 'link' && found.get(linkTarget(link)) === `/etc/alternatives/${own}`;
}

/** With a program registered anew. In automatic mode that is a new choice. */
function withProgram(is: Alternatives, next: Alternative): Alternatives {
  const all = [...is.all.filter((one) => one.path !== next.path), next].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { ...is, all, value: is.auto ? best(all, is.value) : is.value };
}

function removal(own: string, program: string, now: Alternatives, found: Found): Outcome {
  const all = now.all.filter((one) => one.path !== program);
  const auto = now.auto || now.value === program;
  const value = auto ? best(all, now.value) : now.value;
  const is: Alternatives | null =
    all.length === 0
      ? null
      : {
          ...now,
          all,
          value,
          auto,
          lost: [],
          followerLinks: new Map(
            [...now.followerLinks].filter(([follower]) => all.some((one) => one.followers.has(follower))),
          ),
        };
  return {
    changes: [
      { what: 'alternative', from: program, to: 'absent' },
      ...(value === now.value ? [] : [{ what: 'program', from: now.value, to: value || 'none' }]),
    ],
    steps: [{ script: scripts.remove, args: [own, program], label: `take ${program} from ${own}` }],
    ...stateAfter(own, now, is, found),
    result: { name: own, path: program },
  };
}

/** Of those that are preferred most the one that stands there now, else the first by path. */
function best(all: Alternatives['all'], value: string): string {
  const most = Math.max(...all.map((one) => one.priority));
  const preferred = all.filter((one) => one.priority === most);
  return (preferred.find((one) => one.path === value) ?? preferred[0])?.path ?? '';
}

/** Where names are called, and the links in between in /etc/alternatives. */
function placesOf(own: string, is: Alternatives | null): (readonly [name: string, link: string])[] {
  return is === null ? [] : [[own, is.link] as const, ...is.followerLinks];
}

function stateAfter(
  own: string,
  now: Alternatives | null,
  is: Alternatives | null,
  found: Found,
): Pick<Outcome, 'after' | 'foreseen' | 'touches'> {
  const places = [...placesOf(own, now), ...placesOf(own, is)].flatMap(([one, link]) => [
    link,
    `/etc/alternatives/${one}`,
  ]);
  return {
    after: [predict(alternativesOf(own), is)],
    foreseen: () => linksAfter(own, now, is, found),
    touches: [alternativeSubject(own), ...[...new Set(places)].map((one) => ({ on: 'path' as const, path: one }))],
  };
}

/**
 * The links as they will be: a follower's is there only where the program chosen has one, and what it leads to is
 * there.
 */
function linksAfter(own: string, now: Alternatives | null, is: Alternatives | null, found: Found): Prediction[] {
  const chosen = is?.all.find((one) => one.path === is.value);
  const wanted = new Map(
    placesOf(own, is).flatMap(([one, link]): [string, readonly [string, string]][] => {
      const target = one === own ? is?.value : chosen?.followers.get(one);
      return target === undefined || target === '' || (one !== own && found.get(stat(target)).type === 'absent')
        ? []
        : [[one, [link, target]]];
    }),
  );
  const before = placesOf(own, now).flatMap(([one, link]) =>
    wanted.get(one)?.[0] === link ? [] : [...gone(link), ...(wanted.has(one) ? [] : gone(`/etc/alternatives/${one}`))],
  );
  return [
    ...before,
    ...[...wanted].flatMap(([one, [link, target]]) => [
      ...linkKnowns(link, `/etc/alternatives/${one}`),
      ...linkKnowns(`/etc/alternatives/${one}`, target),
    ]),
  ];
}

function linkKnowns(at: string, target: string): Prediction[] {
  const state: PathState = {
    type: 'link',
    mode: '0777',
    uid: 0,
    gid: 0,
    owner: 'root',
    group: 'root',
    size: Buffer.byteLength(target),
  };
  return [predict(stat(at), state), predict(linkTarget(at), target)];
}
