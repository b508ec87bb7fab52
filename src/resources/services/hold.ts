import * as v from 'valibot';
import { predict, settled, type Found, type Options, type Plan, type Question } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import {
  holdOn,
  holdsFolder,
  holdsQuestion,
  holdText,
  programOf,
  recordsSubject,
  self,
  unit,
  unitName,
  type Hold,
  type Unit,
} from '../../probes/index.ts';
import { operatorName } from '../../values/index.ts';
import { text } from '../kit/schemas.ts';
import { removeHolds, writeHold } from './hold-sh.ts';
import { programState, type ProgramState } from './program.probe.ts';

export interface HoldResult {
  /** Whether the unit is held afterwards, by anybody. */
  readonly isHeld: boolean;
}

const oneLine = (description: string) =>
  v.pipe(text(description), v.regex(/^[^\r\n\0]{1,500}$/, 'must be one line of 1 to 500 characters'));
const options = {
  unit: v.pipe(
    v.string(),
    v.regex(
      /^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]{0,240}$/,
      'must be the name of one unit, such as nginx, backup.timer or supervisor:worker',
    ),
    v.description('The unit; a name without a suffix is a service. `supervisor:NAME` is a program of supervisord.'),
  ),
  holder: oneLine(
    'Who holds it, such as the name of a runbook. Only a task with the same value can lift the hold, and the tasks after it in its play are not held.',
  ),
  reason: v.optional(oneLine('The reason, for people who come across the hold. Needed unless `state` is `absent`.')),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description(
        '`present`: it is held, also if somebody else already holds it. `absent`: it is not held; the task fails if somebody else holds it. Default `present`.',
      ),
    ),
    'present',
  ),
  seconds: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.description('Seconds after which the hold expires, counted from when it was placed. Default: never.'),
    ),
  ),
};

interface Wanted extends Omit<Options<typeof options>, 'reason'> {
  readonly reason: string;
  /** Who runs play, and where. */
  readonly by: string;
}

/** A unit that others leave alone for the time being. */
export const hold = defineResource({
  name: 'hold',
  summary:
    'Holds a systemd unit or a supervisord program, as `play hold` does: runs, drift and the deployer leave it alone until the hold is lifted. Needs root.',
  options,
  example: `hold({ unit: 'nginx', holder: 'emergency-stop', reason: 'the database is being restored' })
hold({ unit: 'nginx', holder: 'emergency-stop', state: 'absent' })`,
  validateOptions({ state, reason, seconds }) {
    if (state === 'present' && reason === undefined) return 'give the `reason`, for people who come across the hold';
    return state === 'absent' && seconds !== undefined ? "`seconds` needs state 'present'" : undefined;
  },
  title: ({ unit: name, state }) => `${state === 'absent' ? 'no more on ' : ''}${name ?? ''}`,
  prepare: ({ unit: name, reason = '', ...rest }): Wanted => ({
    ...rest,
    unit: unitName(name),
    reason,
    by: operatorName(),
  }),
  probes: (wanted) => [holdsQuestion, stateOf(wanted.unit), self],
  plan: (wanted, found) => ({ ...planHold(wanted, found), holder: wanted.holder }),
});

/** What says whether there is such a thing at all. */
function stateOf(name: string): Question<Unit> | Question<ProgramState> {
  const program = programOf(name);
  return program === undefined ? unit(name) : programState(program);
}

/** All its names, its own first, and whether it is there. */
function lookAt(name: string, found: Found): { readonly names: readonly string[]; readonly isThere: boolean } {
  const program = programOf(name);
  if (program !== undefined) {
    const state = found.get(programState(program));
    return { names: [name], isThere: state.is === 'known' && state.state !== '' };
  }
  const there = found.get(unit(name));
  return {
    names: [...new Set([there.names[0] ?? name, ...there.names, name])],
    isThere: there.loaded || there.active !== 'inactive',
  };
}

function planHold(wanted: Wanted, found: Found): Plan<HoldResult> {
  const { names, isThere } = lookAt(wanted.unit, found);
  const { holds, isDistrusted } = found.get(holdsQuestion);
  const present = holdOn(names, holds);
  const none = settled<HoldResult>({ isHeld: present !== undefined });
  if (isDistrusted)
    return {
      ...none,
      failure: `users other than root may write to ${holdsFolder}, so no hold there is trusted`,
      hint: 'Look who wrote there, then: chown root /var/lib/play/holds; chmod 755 /var/lib/play/holds',
    };
  const isRoot = found.get(self).uid === 0;
  const isOurs = present?.holder === wanted.holder;
  if (wanted.state === 'absent') {
    if (present === undefined) return none;
    if (!isOurs)
      return { ...none, failure: holdText(present), hint: `Ask them; then: play unhold HOST ${wanted.unit}` };
    return isRoot ? takenOff(present, holds) : { ...none, ...refused };
  }
  if (present !== undefined && !isOurs) return { ...none, message: holdText(present) };
  if (present !== undefined && present.reason === wanted.reason) return none;
  found.require(isThere, {
    failure: `there is no ${programOf(wanted.unit) === undefined ? 'unit ' : ''}${wanted.unit}`,
    hint: `\`${programOf(wanted.unit) === undefined ? 'systemctl list-units --all' : 'supervisorctl status'}\` lists them all.`,
  });
  return isRoot ? putOn(wanted, names, present, holds) : { ...none, ...refused };
}

const refused = { failure: 'only root may place or lift a hold', hint: 'Give the task `become: true`.' };

function takenOff(present: Hold, holds: readonly Hold[]): Plan<HoldResult> {
  const left = holds.filter((one) => one !== present);
  return {
    changes: [{ what: 'hold', from: present.reason, to: 'none' }],
    steps: [{ ...removeHolds([present.unit]), label: `take the hold off ${present.unit ?? ''}` }],
    after: [predict(holdsQuestion, { holds: left, isDistrusted: false })],
    touches: [recordsSubject],
    result: { isHeld: false },
  };
}

function putOn(
  { by, holder, reason, seconds }: Wanted,
  names: readonly string[],
  present: Hold | undefined,
  holds: readonly Hold[],
): Plan<HoldResult> {
  const own = { unit: present?.unit ?? names[0], names, by, holder, reason };
  const end = seconds === undefined ? undefined : { after: seconds };
  const since = Math.floor(Date.now() / 1000);
  const made: Hold = { ...own, since, until: seconds === undefined ? undefined : since + seconds };
  return {
    changes: [{ what: 'hold', ...(present === undefined ? {} : { from: present.reason }), to: reason }],
    steps: [{ ...writeHold(own, end, present !== undefined), label: `hold ${own.unit ?? ''}` }],
    after: [predict(holdsQuestion, { holds: [...holds.filter((one) => one !== present), made], isDistrusted: false })],
    touches: [recordsSubject],
    result: { isHeld: true },
  };
}
