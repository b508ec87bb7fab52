import type { PathState, Question, Step, Subject } from '../../../contract/index.ts';
import { unit, unitFolders, unitsChanged, type Unit } from '../../../probes/index.ts';

/** The systemd that a unit is one of: that of the host, or that of an account. */
export interface Manager {
  unit(name: string): Question<Unit>;
  /** Whether any unit file was changed since it has last read them. */
  readonly changed: Question<boolean>;
  /** Where it reads unit files; the first wins. */
  readonly folders: readonly string[];
  /** Where units are enabled, aliased and masked. */
  readonly configured: string;
  /** The same until the next boot. */
  readonly runtime: string;
  /** Whose the links are that it makes. */
  readonly account: Pick<PathState, 'uid' | 'gid' | 'owner' | 'group'>;
  /** What a step of systemctl's touches: all its units. */
  readonly units: Subject;
  /** Whether it is the host's. */
  readonly isOfHost: boolean;
  /** A step for systemctl, sent to this one. */
  sends(step: Step): Step;
}

export const hostManager: Manager = {
  unit,
  changed: unitsChanged,
  folders: unitFolders,
  configured: '/etc/systemd/system',
  runtime: '/run/systemd/system',
  account: { uid: 0, gid: 0, owner: 'root', group: 'root' },
  units: { on: 'units' },
  isOfHost: true,
  sends: (step) => step,
};
