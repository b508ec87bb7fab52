import { assert, command, debug, defineRunbook, option, shell, v, type RunbookStep, type Task } from 'play';
import { quoted } from './kit/quoted.ts';

interface Copy {
  readonly copy_unit: string;
  readonly copy_command: string[];
  readonly copy_hours: number;
  readonly copy_weight: number;
  readonly copy_interval: number;
}

const nameOf = ({ copy_unit: unit }: Copy): string => `${unit.replace(/\.service$/, '')}-copy.service`;

/** What the copy has from the unit, by the names `systemctl show` gives them. */
const inherited =
  'User,Group,SupplementaryGroups,WorkingDirectory,Environment,EnvironmentFiles,UMask,LimitNOFILE,LimitCORE,Slice';

/** On the host alone: an environment may hold secrets. */
const startScript = `set -eu
settings=$(systemctl show --property=${inherited} -- "$UNIT" |
  sed -n 's/^EnvironmentFiles=\\(.*\\) (ignore_errors=no)$/EnvironmentFile=\\1/; s/^EnvironmentFiles=\\(.*\\) (ignore_errors=yes)$/EnvironmentFile=-\\1/; /=./p' | tac)
while IFS= read -r setting; do
  set -- "--property=$setting" "$@"
done <<END
$settings
END
exec systemd-run --unit="$COPY" --description="A second copy of $UNIT" "$@"`;

const propertiesOf = (lines: readonly string[]): Map<string, string> =>
  new Map(lines.map((line) => [line.replace(/=[^]*$/, ''), line.replace(/^[^=]*=/, '')]));

const isLive = ({ copy_unit: unit }: Copy): Task =>
  command({ argv: ['systemctl', 'is-active', '--', unit], changes: 'never' }, { name: `${unit} runs` });

/** Runs a second copy of a service beside the first. */
export default defineRunbook({
  title: 'Run two copies for a while',
  description:
    'Starts a second copy of a service beside the first, such as fastpath over the measurements of some old days: as the same user, in the same folder, with the same environment, but with a command line of its own, and with less claim to processor and disks. It is waited for, its log shown, and the first is seen to run all the while. It ends by itself after `copy_hours`; `--back` ends it at once. Both write to the same places: see that they may.',
  vars: {
    copy_hosts: option.text('The host, or hosts, as a pattern.'),
    copy_unit: option.text('The unit that runs already.'),
    copy_command: option.list(
      'The command line of the copy, a word each; the program by its path.',
      v.string(),
      v.minLength(1, 'must name a program'),
    ),
    copy_ends: option.choice(
      'Whether it ends when its work is done, or when you say so.',
      ['by itself', 'when told'],
      'by itself',
    ),
    copy_hours: option.integer('After how many hours it is ended in any case.', 24, v.minValue(1)),
    copy_weight: option.integer('Its claim to processor and disks; others have 100.', 20, v.minValue(1)),
    copy_interval: option.integer('Seconds between two looks at it.', 10, v.minValue(1)),
  },
  steps: ({ vars: { copy_hosts: hosts, copy_ends: ends, copy_unit: unit } }) => {
    const wait: RunbookStep<Copy> =
      ends === 'when told'
        ? { name: 'wait', question: `The copy of ${unit} runs. Type yes when it shall end.` }
        : { name: 'wait', hosts, become: true, tasks: ({ vars }) => ended(vars), after: ({ vars }) => [isLive(vars)] };
    return [
      {
        name: 'start the copy',
        description: `It has a unit of its own, ${unit.replace(/\.service$/, '')}-copy: \`journalctl -fu\` shows its log. Of what confines the first (\`ProtectSystem=\` and the like) it has nothing.`,
        hosts,
        become: true,
        before: ({ vars }) => [isLive(vars)],
        tasks: ({ vars }) => start(vars),
        after: ({ vars }) => [isLive(vars)],
        back: ({ vars }) => [end(vars), isLive(vars)],
      },
      wait,
      {
        name: 'end it',
        hosts,
        become: true,
        tasks: ({ vars }) => [...lastLines(vars), end(vars)],
        after: ({ vars }) => [isLive(vars)],
      },
    ];
  },
});

function start(vars: Copy): Task[] {
  const copy = nameOf(vars);
  return [
    shell(
      {
        cmd: `systemctl reset-failed -- ${quoted(copy)}`,
        onlyIf: `systemctl is-failed --quiet -- ${quoted(copy)}`,
      },
      { name: 'forget one that failed before' },
    ),
    command(
      {
        argv: [
          'sh',
          '-c',
          startScript,
          'sh',
          // Until it was seen how it ended.
          '--property=RemainAfterExit=yes',
          `--property=RuntimeMaxSec=${vars.copy_hours * 3600}`,
          `--property=CPUWeight=${vars.copy_weight}`,
          `--property=IOWeight=${vars.copy_weight}`,
          '--',
          ...vars.copy_command,
        ],
        environment: { UNIT: vars.copy_unit, COPY: copy },
        unless: `systemctl is-active --quiet -- ${quoted(copy)}`,
      },
      { name: `start ${vars.copy_command.join(' ')}` },
    ),
  ];
}

/** Waits until it has ended, and fails with its log where it did not end well. */
function ended(vars: Copy): Task[] {
  const copy = nameOf(vars);
  const state = command(
    {
      argv: ['systemctl', 'show', '--property=SubState', '--property=Result', '--property=ExecMainStatus', '--', copy],
      changes: 'always',
    },
    {
      name: 'the copy has ended',
      changedWhen: false,
      until: ({ result }) => propertiesOf(result.stdoutLines).get('SubState') !== 'running',
      delay: vars.copy_interval,
      retries: Math.ceil((vars.copy_hours * 3600) / vars.copy_interval) + 1,
    },
  );
  const [log, shown] = lastLines(vars);
  return [
    state,
    ...(log && shown ? [log, shown] : []),
    assert(
      {
        that: ({ results }) => {
          const found = propertiesOf(results(state).stdoutLines);
          return found.get('SubState') === 'exited' && found.get('Result') === 'success';
        },
        failMsg: ({ results }) => `it did not end well: ${results(state).stdoutLines.join(', ')}. Its log is above`,
      },
      { name: 'it ended well' },
    ),
  ];
}

/** Of this copy alone, and not of one before. Not by its InvocationID, which lines of a short life do not have. */
function lastLines(vars: Copy): Task[] {
  const copy = quoted(nameOf(vars));
  const log = shell(
    {
      cmd: `journalctl --sync; journalctl --unit ${copy} --since "$(systemctl show -P InactiveExitTimestamp -- ${copy})" --lines=20 --no-pager --output=cat`,
      changes: 'always',
    },
    { name: 'its log', changedWhen: false },
  );
  return [log, debug({ msg: ({ results }) => results(log).stdout })];
}

function end(vars: Copy): Task {
  const copy = quoted(nameOf(vars));
  return shell(
    {
      cmd: `systemctl stop -- ${copy}; systemctl reset-failed -- ${copy} 2>/dev/null; ! systemctl is-active --quiet -- ${copy}`,
      onlyIf: `systemctl is-active --quiet -- ${copy} || systemctl is-failed --quiet -- ${copy}`,
    },
    { name: 'end it' },
  );
}
