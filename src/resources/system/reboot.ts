import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { everyUnit, settled, type ImperativeContext, type Plan, type Step } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { text } from '../kit/schemas.ts';

export interface RebootResult {
  /** Always true: the task fails if the host does not come back. */
  readonly rebooted: boolean;
  /** Seconds until it was back. */
  readonly elapsed: number;
}

interface Wanted {
  readonly preRebootDelay: number;
  readonly postRebootDelay: number;
  readonly rebootTimeout: number;
  readonly rebootCommand: string;
  readonly testCommand: string;
  readonly msg: string;
}

const seconds = (description: string, standard: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description)), standard);

/** A restart of the host, waited for. */
export const reboot = defineResource({
  name: 'reboot',
  summary:
    'Reboots the host, every time, and waits until it has booted and its services have started. Use `when` to say under what condition.',
  options: {
    rebootTimeout: seconds('Seconds to wait for the host to come back. Default 600.', 600),
    preRebootDelay: seconds('Seconds to wait before the reboot. Default 0.', 0),
    postRebootDelay: seconds('Seconds to wait after it is back. Default 0.', 0),
    rebootCommand: v.optional(text('The command that reboots it. Default `systemctl reboot`, else `reboot`.'), ''),
    testCommand: v.optional(
      text(
        'A command that must succeed before the host counts as back. Default: systemd has started all units, or some failed.',
      ),
      '',
    ),
    msg: v.optional(text('A message for logged-in users.'), 'Reboot by play'),
  },
  example: `const flag = stat({ path: '/run/reboot-required' });
reboot({}, { when: ({ results }) => results(flag).stat.exists })`,
  title: () => '',
  prepare: (options): Wanted => options,
  probes: () => [],
  plan: (wanted): Plan<RebootResult> => ({
    ...settled({ rebooted: true, elapsed: 0 }),
    changes: [{ what: 'state', to: 'rebooted' }],
    touches: [{ on: 'everything' }],
    // What is stopped by hand would be started by the boot, what runs by hand would be ended.
    units: [everyUnit],
    again: true,
    always: true,
    imperative: (context) => restart(wanted, context),
  }),
});

const bootId: Step = {
  script:
    'cat /proc/sys/kernel/random/boot_id /proc/1/stat | sed -e 1b -e "s/.*) //" | { read -r id; set -- $(cat); echo "$id ${20:-}"; }',
  label: 'read the id of the boot',
};

// Begun by a process of its own, so that this answer still gets out.
const begin = `command=$1 delay=$2 msg=$3
[ -z "$msg" ] || wall "$msg" 2>/dev/null
[ -n "$command" ] || if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then command='systemctl reboot'; else command=reboot; fi
setsid sh -c 'sleep "$0"; sleep 1; exec sh -c "$1"' "$delay" "$command" >/dev/null 2>&1 </dev/null &`;

// systemctl(1), is-system-running: "degraded" is as far as it gets with a unit that failed.
const isUp = `if [ -n "$1" ]; then sh -c "$1" >&2; exit; fi
[ -d /run/systemd/system ] || exit 0
s=$(systemctl is-system-running); echo "$s"
case $s in running|degraded|maintenance) exit 0;; *) exit 1;; esac`;

async function restart(
  { preRebootDelay, postRebootDelay, rebootTimeout, rebootCommand, testCommand, msg }: Wanted,
  context: ImperativeContext,
): Promise<RebootResult> {
  if (context.isThisMachine)
    throw new PlayError('This would reboot the machine that play itself runs on', {
      hint: 'Leave this host out with -l, or reach it over ssh from another machine.',
    });
  const before = (await context.run(bootId)).stdout.trim();
  await context.run({ script: begin, args: [rebootCommand, String(preRebootDelay), msg], label: 'start the reboot' });
  const started = Date.now();
  const limit = started + (preRebootDelay + rebootTimeout) * 1000;
  let last = 'it did not go down';
  while (Date.now() < limit) {
    await sleep(1000, undefined, context.signal ? { signal: context.signal } : {}).catch((cause: unknown) => {
      throw new PlayError('Interrupted while waiting for the host to come back', { cause });
    });
    const now = await attempt(context, testCommand, before);
    if (now === undefined) {
      await sleep(postRebootDelay * 1000);
      return { rebooted: true, elapsed: Math.round((Date.now() - started) / 1000) };
    }
    last = now;
  }
  throw new PlayError(`The host was not back after ${rebootTimeout} s: ${last}`, {
    hint: 'Look at its console; give it longer with `rebootTimeout`.',
  });
}

/** @returns why the host is not back yet; undefined when it is */
async function attempt(context: ImperativeContext, testCommand: string, before: string): Promise<string | undefined> {
  try {
    const now = (await within(20, context.run({ ...bootId, timeout: 10 }))).stdout.trim();
    if (now === before) return 'it did not go down';
    const { code, stdout } = await within(
      60,
      context.run({ script: isUp, args: [testCommand], anyExit: true, timeout: 30 }),
    );
    return code === 0 ? undefined : testCommand === '' ? `systemd says: ${stdout.trim()}` : `"${testCommand}" fails`;
  } catch (error) {
    if (!(error instanceof PlayError)) throw error;
    return await context.reconnect().then(
      () => 'it was reachable again',
      (lost: unknown) => (lost instanceof PlayError ? lost.message : String(lost)),
    );
  }
}

/** A host that is cut off sends nothing: not even that the connection is over. */
async function within<T>(seconds: number, answer: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: stop.signal }).then(() => {
    throw new PlayError(`no answer for ${seconds} s`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
    answer.catch(() => undefined);
  }
}
