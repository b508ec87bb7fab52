import type { HostFlags } from '../../../options/host-flags.ts';
import {
  makeStyle,
  shownLines,
  wantsColour,
  type ShownEvent,
  type ShownListener,
  type ShownTaskEvent,
} from '../../../report/index.ts';
import { patchTasks } from './patch-play.ts';
import { countsOf, summaryLines } from './patch-summary.ts';
import { PatchedHosts } from './patched.ts';

const ownTasks: readonly string[] = Object.values(patchTasks);

/**
 * A run of `play patch` as it is shown: what is alike on many hosts once, at the end. With `-v` also host by host, and
 * `--output jsonl` has all of it, with an event `patch` before the last.
 */
export function patchReport(
  report: ShownListener,
  { output, verbose, check }: Pick<HostFlags, 'output' | 'verbose'> & { readonly check: boolean },
): ShownListener {
  const hosts = new PatchedHosts();
  const brief = new Brief();
  return (given) => {
    hosts.hear(given);
    // Packages are not put back by the same command.
    const event = given.event === 'rollout-stopped' ? { ...given, goBack: null } : given;
    if (output === 'jsonl') {
      if (event.event === 'recap') process.stdout.write(`${JSON.stringify(patchEvent(hosts, check))}\n`);
      report(event);
      return;
    }
    const shown = verbose > 0 ? event : brief.of(event);
    if (shown !== undefined) report(shown);
    if (event.event !== 'recap') return;
    const form = { style: makeStyle(wantsColour(process.stdout)), check, isLong: verbose > 0 };
    process.stdout.write(shownLines(['', ...summaryLines(hosts.all(), form)]));
  };
}

function patchEvent(hosts: PatchedHosts, check: boolean): object {
  const all = hosts.all();
  return { event: 'patch', check, counts: countsOf(all), hosts: all };
}

/** Leaves out of each host's events what is told of all at the end. */
class Brief {
  /** How many tasks of each host had their assumptions left out. */
  readonly #hidden = new Map<string, number>();

  of(event: ShownEvent): ShownEvent | undefined {
    if (event.event === 'recap') return { ...event, assumed: this.#shownOf(event.assumed) };
    if (event.event !== 'task') return event;
    // A gate behind what is planned is asked by the run.
    if (event.gate !== undefined && event.may !== null) return undefined;
    if (!ownTasks.includes(event.task)) return event;
    const isTold = event.status === 'changed' && event.task !== patchTasks.upgrade;
    if (!isTold && event.assumed.length > 0) this.#hidden.set(event.host, (this.#hidden.get(event.host) ?? 0) + 1);
    const { changes, assumed, ...rest } = event;
    return {
      ...rest,
      message: event.status === 'held' ? event.message : null,
      assumed: isTold ? assumed : [],
      changes: event.task === patchTasks.upgrade && event.status === 'changed' ? [counted(event)] : changes,
    };
  }

  #shownOf(assumed: Readonly<Record<string, number>>): Record<string, number> {
    return Object.fromEntries(
      Object.entries(assumed).flatMap(([host, count]) => {
        const shown = count - (this.#hidden.get(host) ?? 0);
        return shown > 0 ? [[host, shown]] : [];
      }),
    );
  }
}

function counted({ changes }: ShownTaskEvent): { readonly what: string } {
  return { what: changes.length === 1 ? '1 package' : `${changes.length} packages` };
}
