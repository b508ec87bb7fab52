import * as v from 'valibot';
import { ProbeFailure, settled, type Found, type Plan, type ProbeKind, type Question } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';

/** What later tasks read. */
export interface UnitStatesResult {
  /** Enabled services, sockets and timers that are active. */
  readonly activeUnits: readonly string[];
  /** Units that failed. */
  readonly failedUnits: readonly string[];
}

/** Where there is no systemd, nothing is active. */
const kind: ProbeKind<UnitStatesResult> = {
  kind: 'unit-states',
  arity: 1,
  // Of units that nobody enabled (started by a bus, a timer, a socket) it is right to end by themselves.
  sh: `[ -d /run/systemd/system ] || { echo done; exit 0; }
systemctl list-units --all --plain --no-legend --full --state=failed | sed 's/^\\([^ ]*\\).*/failed \\1/'
systemctl list-units --plain --no-legend --full --state=active --type=service,socket,timer | sed 's/ .*//' |
  xargs -r systemctl show -p Id,UnitFileState -- | awk -F= '$1 == "Id" { id = $2 } $1 == "UnitFileState" && $2 ~ /^(enabled|enabled-runtime|generated)$/ { print "active " id } /^$/ { id = "" }'
echo done`,
  decode(stdout, questions, stderr) {
    const lines = stdout.toString('utf8').split('\n');
    const of = (word: string): string[] =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
    const answer = lines.includes('done')
      ? { activeUnits: of('active'), failedUnits: of('failed') }
      : new ProbeFailure(`systemd does not list its units: ${stderr.trim()}`);
    return questions.map(() => answer);
  },
  depends: () => [{ on: 'everything' }],
};

/** Which units run, and which failed. */
export const unitStatesNow: Question<UnitStatesResult> = { kind, args: [''] };

const states = v.object({ activeUnits: v.array(v.string()), failedUnits: v.array(v.string()) });

interface Wanted {
  readonly before: UnitStatesResult | undefined;
}

/** Whether the units of a host are as they were. */
export const unitStates = defineResource({
  name: 'unitStates',
  summary:
    'Records which systemd units are up and which have failed; later, fails if one has failed since, or an enabled one is no longer up. Changes nothing.',
  options: {
    before: v.optional(
      v.pipe(
        v.custom<UnitStatesResult>((value) => v.is(states, value), 'must be the result of an earlier unitStates'),
        v.description(
          'The result of an earlier `unitStates`: nothing may be worse than it. Default: nothing is compared.',
        ),
      ),
    ),
  },
  example: `const before = unitStates({});
reboot({});
unitStates({ before: ({ results }) => results(before) })`,
  title: ({ before }) => (before === undefined ? '' : 'as before'),
  prepare: ({ before }): Wanted => ({ before }),
  probes: () => [unitStatesNow],
  plan({ before }, found: Found): Plan<UnitStatesResult> {
    const now = found.get(unitStatesNow);
    if (before !== undefined) {
      const worse = [
        ...now.failedUnits.filter((unit) => !before.failedUnits.includes(unit)).map((unit) => `${unit} has failed`),
        ...before.activeUnits
          .filter((unit) => !now.activeUnits.includes(unit) && !now.failedUnits.includes(unit))
          .map((unit) => `${unit} was active, and no longer is`),
      ];
      found.require(worse.length === 0, {
        failure: worse.join('; '),
        hint: 'See their logs: journalctl -b -u UNIT.',
        by: 'changes',
      });
    }
    return settled(now);
  },
});
