import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { readsNone } from '../../probes/sh-texts.ts';

/** apt's lists of packages. */
export const aptListsSubject: Subject = { on: 'named', name: 'apt-lists', ofRoot: "apt's lists" };

/** What apt itself has on a host, whatever the package. */
export interface AptHost {
  /** Seconds since the package lists were fetched; null where there are none, or where sources were changed since. */
  readonly listsAge: number | null;
  /** Check mode: earlier tasks will have fetched the lists anew. Never said by a host. */
  readonly refreshed: boolean;
  /**
   * Check mode: `name=version` of what earlier tasks will have installed, `-name` of what they will have removed,
   * `~name` where its configuration stays, `!name=hold` of what dpkg will have been told to do with it, `@name=auto` of
   * what will have come for others only, and `@name=manual` of what was asked for. Never said by a host.
   */
  readonly planned: readonly string[];
}

// The newest of the stamps that tell of an update: apt replaces files in the folder, update-notifier leaves a stamp.
const kind: ProbeKind<AptHost> = {
  kind: 'apt-host',
  arity: 1,
  ...readsNone(`command -v apt-get >/dev/null || { echo none; exit 0; }
set -- /var/lib/apt/lists/*Packages*
[ -e "$1" ] || { echo empty; exit 0; }
[ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer /var/lib/apt/lists 2>/dev/null)" ] || { echo changed; exit 0; }
s=/var/lib/apt/periodic/update-success-stamp
[ "$s" -nt /var/lib/apt/lists ] || s=/var/lib/apt/lists
echo $(( $(date +%s) - $(stat -c %Y "$s") ))`),
  decode(stdout, questions) {
    const said = stdout.toString('utf8').trim();
    const answer =
      said === 'none' || said === ''
        ? new ProbeFailure('there is no apt-get on this host; where its packages are those of rpm: dnf()')
        : { listsAge: said === 'empty' || said === 'changed' ? null : Number(said), refreshed: false, planned: [] };
    return questions.map(() => answer);
  },
  depends: () => [aptListsSubject, { on: 'packages' }, { on: 'below', path: '/etc/apt' }],
};

/** The age of apt's package lists. */
export const aptHost: Question<AptHost> = { kind, args: [''] };
