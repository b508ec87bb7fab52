import * as v from 'valibot';
import { defineResource, type Change, type Plan, type Step } from '../playbook/index.ts';
import { alternativesOf, stat, type Alternatives, type Found, type Question } from '../probes/index.ts';
import { known } from './known.ts';
import { path, text } from './schemas.ts';

interface WantedAlternative {
  readonly name: string;
  readonly path: string;
  readonly link?: string | undefined;
  readonly priority?: number | undefined;
  readonly state: 'present' | 'selected' | 'auto' | 'absent';
}

/** The program behind a name such as `editor`. */
export const alternatives = defineResource({
  name: 'alternatives',
  summary: 'Which program stands behind a name such as `editor` or `java`, by update-alternatives(1).',
  options: {
    name: v.pipe(text('The name: `editor`.'), v.regex(/^[^\s/-][^\s/]*$/, 'must be one word without slashes')),
    path: path('The program: `/usr/bin/vim.basic`.'),
    link: v.optional(path('Where the name is called: `/usr/bin/editor`. Needed for a name that is new on the host.')),
    priority: v.optional(v.pipe(v.number(), v.integer(), v.description('How much it is preferred where nobody chose. Default: as it is; 50 for a new one.'))),
    state: v.optional(v.pipe(v.picklist(['present', 'selected', 'auto', 'absent']), v.description('`selected`: registered and chosen. `present`: registered. `auto`: registered, and the one with the highest priority is taken. `absent`: not registered.')), 'selected'),
  },
  example: `alternatives({ name: 'editor', path: '/usr/bin/vim.basic' })
alternatives({ name: 'java', path: '/opt/jdk/bin/java', link: '/usr/bin/java', priority: 100 })`,
  title: ({ name }) => name ?? '',
  prepare: (given): WantedAlternative => given,
  probes: ({ name, path: program }) => [alternativesOf(name), stat(program)] as Question[],
  plan,
});

const tool = 'update-alternatives --quiet';
const scripts = { install: `${tool} --install "$1" "$2" "$3" "$4" >&2`, set: `${tool} --set "$1" "$2" >&2`, auto: `${tool} --auto "$1" >&2`, remove: `${tool} --remove "$1" "$2" >&2` } as const;

function plan({ name, path: program, link: wantedLink, priority: wantedPriority, state }: WantedAlternative, found: Found): Plan<{ readonly name: string; readonly path: string }> {
  const result = { name, path: program };
  const nothing = { changes: [], steps: [], after: [], touches: [], result };
  const now = found.get(alternativesOf(name));
  const registered = now?.all.find((one) => one.path === program);
  if (state === 'absent') return registered && now ? removal(name, program, now) : nothing;
  const link = wantedLink ?? now?.link;
  if (link === undefined) return { ...nothing, failure: `the name ${name} is new on this host; give its \`link\`, such as /usr/bin/${name}` };
  const priority = wantedPriority ?? registered?.priority ?? 50;
  if (!registered && found.get(stat(program)).type === 'absent') {
    return found.clouded === undefined ? { ...nothing, failure: `${program} is not there` } : { ...nothing, may: `${program} is not there yet (${found.clouded})` };
  }
  const changes: Change[] = [];
  const steps: Step[] = [];
  const isNew = registered?.priority !== priority || now?.link !== link;
  if (isNew) {
    steps.push({ script: scripts.install, args: [link, name, program, String(priority)], label: `register ${program} for ${name}` });
    if (!registered) changes.push({ what: 'alternative', to: `${program} (${priority})` });
    else if (registered.priority !== priority) changes.push({ what: 'priority', from: String(registered.priority), to: String(priority) });
    if (now && now.link !== link) changes.push({ what: 'link', from: now.link, to: link });
  }
  const all = [...(now?.all.filter((one) => one.path !== program) ?? []), { path: program, priority }];
  const auto = state === 'auto' ? true : state === 'selected' ? false : (now?.auto ?? true);
  const value = state === 'selected' ? program : auto ? best(all) : (now?.value ?? program);
  if (state === 'selected' && now?.value !== program) steps.push({ script: scripts.set, args: [name, program], label: `choose ${program} for ${name}` });
  if (state === 'auto' && now && !now.auto) {
    steps.push({ script: scripts.auto, args: [name], label: `let priorities choose ${name}` });
    changes.push({ what: 'choice', from: 'manual', to: 'auto' });
  }
  if (now?.value !== value) changes.push({ what: 'program', ...(now ? { from: now.value || 'none' } : {}), to: value });
  if (steps.length === 0) return nothing;
  // Choosing what priorities had chosen makes the choice a manual one; where it is right already nothing is done.
  const answer: Alternatives = { link, auto: state === 'selected' && now?.value === program ? now.auto : auto, value, all };
  return { changes, steps, after: [known(alternativesOf(name), answer)], touches: [{ on: 'named', name: `alternative ${name}` }, { on: 'path', path: link }, { on: 'path', path: `/etc/alternatives/${name}` }], result };
}

function removal(name: string, program: string, now: Alternatives): Plan<{ readonly name: string; readonly path: string }> {
  const all = now.all.filter((one) => one.path !== program);
  const value = now.value === program || now.auto ? best(all) : now.value;
  return {
    changes: [{ what: 'alternative', from: program, to: 'absent' }, ...(value === now.value ? [] : [{ what: 'program', from: now.value, to: value || 'none' }])],
    steps: [{ script: scripts.remove, args: [name, program], label: `take ${program} from ${name}` }],
    after: [known(alternativesOf(name), all.length === 0 ? null : { ...now, all, value, auto: now.auto || now.value === program })],
    touches: [{ on: 'path', path: now.link }, { on: 'path', path: `/etc/alternatives/${name}` }],
    result: { name, path: program },
  };
}

function best(all: Alternatives['all']): string {
  return [...all].sort((a, b) => b.priority - a.priority)[0]?.path ?? '';
}
