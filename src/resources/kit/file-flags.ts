import * as v from 'valibot';
import { predict, type Change, type Found, type Plan, type Step } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { self, stat, walkSh, writability } from '../../probes/index.ts';

/**
 * The letters of chattr(1) that can be set and taken off. `e`, `E`, `I`, `N` and `V` are told by lsattr(1) alone, or
 * stay once they are there.
 */
const letters = 'aAcCdDFijmPsStTux';

/** Flags of a file system that a file shall have; may be left out. */
export const attributes = v.optional(
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^[+=-]?[${letters}eE]+$`), `must be flags of chattr(1), such as '+i', '-a' or '=i'`),
    v.description(
      "File attributes, as in chattr(1): `'+i'` (immutable) is added, `'-i'` removed; `'=i'`, or `'i'` as in Ansible, removes all others that can be removed. This task can still change a file it makes immutable or append-only here, by taking the attribute off meanwhile; other tasks, and everything else on the host, cannot. Fails if the file system has no such attributes. Default: as they are.",
    ),
  ),
);

interface Flags {
  readonly on: readonly string[];
  readonly off: readonly string[];
}

/** What is wanted of the flags that are there. */
function wantedFlags(text: string, now: readonly string[]): Flags {
  const operator = /^[+=-]/.exec(text)?.[0] ?? '=';
  // What stays once it is there is nothing to ask for.
  const named = [...new Set(text.replace(/^[+=-]/, ''))].filter((one) => letters.includes(one));
  if (operator === '+') return { on: named, off: [] };
  if (operator === '-') return { on: [], off: named };
  return { on: named, off: now.filter((one) => !named.includes(one)) };
}

// chattr(1) takes no name below /proc/self/fd, and opens no link (O_NOFOLLOW). $1 path; the others are what it is to do.
const chattrScript = `set -e
${walkSh}
path=$1
shift
name=\${path##*/}
if [ "$path" = / ]; then cd / && name=.; else enter "\${path%/*}/"; fi
chattr "$@" -- "./$name"`;

function chattrStep(path: string, { on, off }: Flags, label: string): Step {
  const args = [...(off.length > 0 ? [`-${off.join('')}`] : []), ...(on.length > 0 ? [`+${on.join('')}`] : [])];
  return { script: chattrScript, args: [path, ...args], label };
}

const flagsIn = (text: string): string[] => [...text].filter((one) => letters.includes(one));

/**
 * A plan for what is at a path, and the flags it shall have then. While the plan's own steps work on it, flags that
 * keep everybody from doing so are off, where the task decides over them.
 *
 * @param path where the file itself is, behind links
 * @param make the plan without flags, from what will be found then
 */
export function planFlags<R>(
  path: string,
  wanted: string | undefined,
  found: Found,
  make: (found: Found) => Plan<R>,
): Plan<R> {
  if (wanted === undefined) return make(found);
  const at = found.get(writability(path));
  const now = flagsIn(at.flags);
  const { on, off } = wantedFlags(wanted, now);
  const lifted = now.filter((one) => 'ia'.includes(one) && (on.includes(one) || off.includes(one)));
  const isLifted = { ...at, flags: now.filter((one) => !lifted.includes(one)).join('') };
  const plan = make(lifted.length === 0 ? found : found.with({ after: [predict(writability(path), isLifted)] }));
  if (plan.failure !== undefined) return plan;
  const missing = on.filter((one) => !now.includes(one));
  const extra = off.filter((one) => now.includes(one));
  const isWorkedOn = plan.steps.length > 0;
  if (missing.length + extra.length === 0 && !isWorkedOn) return plan;
  refuse(path, at.flags, [...missing, ...extra], found, found.with(plan));
  const then = [...now.filter((one) => !off.includes(one)), ...missing];
  const changes: Change[] =
    missing.length + extra.length === 0 ? [] : [{ what: 'attributes', from: shown(now), to: shown(then) }];
  // A file that is put in the place of another one begins without any.
  const last = isWorkedOn ? { on, off } : { on: missing, off: extra };
  return {
    ...plan,
    changes: [...plan.changes, ...changes],
    steps: [
      ...(isWorkedOn && lifted.length > 0
        ? [chattrStep(path, { on: [], off: lifted }, `take ${lifted.join('')} off ${path}`)]
        : []),
      ...plan.steps,
      ...(last.on.length + last.off.length > 0 ? [chattrStep(path, last, `set the attributes of ${path}`)] : []),
    ],
    after: [...plan.after, predict(writability(path), { ...at, flags: then.join('') })],
  };
}

function shown(flags: readonly string[]): string {
  return flags.length === 0 ? 'none' : [...flags].sort().join('');
}

/** @throws PlayError where chattr(1) would fail */
function refuse(path: string, told: string, changed: readonly string[], found: Found, then: Found): void {
  const { type } = then.get(stat(path));
  if (type === 'link' || type === 'other')
    throw new PlayError(
      `${path} is ${type === 'link' ? 'a link' : 'neither file nor directory'}, which has no attributes`,
    );
  // Of what is not there yet nobody can tell.
  if (told === '' && ['file', 'directory'].includes(found.get(stat(path)).type))
    throw new PlayError(`${path} has no attributes that can be read`, {
      hint: 'lsattr(1) of the package e2fsprogs reads them, and not every file system has them.',
    });
  if (changed.some((one) => 'ia'.includes(one)) && found.get(self).uid !== 0)
    throw new PlayError(`only root may set the attributes i and a, which ${path} should have or lose`);
}
