import type { Plan, WayIn } from '../../contract/index.ts';
import type { ListedTask } from '../../playbook/index.ts';
import { accountFiles } from '../../probes/index.ts';
import type { Place } from '../place.ts';
import { pathOf } from '../subjects.ts';

/** Files that are read at each login, or whenever somebody becomes another: to change one is to change the way in at once. */
const readAtLogin: readonly (readonly [RegExp, WayIn])[] = [
  [/^\/etc\/sudoers(?:$|\.d\/)/, { by: 'sudo' }],
  [/^\/etc\/pam\.d\/(?:sudo|su|common-)/, { by: 'sudo' }],
  [
    /^\/etc\/(?:pam\.d\/(?:sshd|login|common-)|security\/|nologin$|hosts\.(?:allow|deny)$|nsswitch\.conf$)/,
    { by: 'ssh' },
  ],
];

/** The paths that a plan foresees another state of. */
export function pathsOf({ after, touches }: Plan<unknown>): string[] {
  const foreseen = after.flatMap(({ question: { kind, args } }) => kind.depends(args));
  return [...new Set([...foreseen, ...touches].flatMap((one) => (one.on === 'path' ? [one.path] : [])))];
}

/** The ways in that a plan may close, by what its resource says and by the files it changes. */
function waysOf(plan: Plan<unknown>): WayIn[] {
  // A plan of accounts foresees all files of theirs, nsswitch.conf among them, and does not change that one.
  const isOfAccounts = plan.touches.some(({ on }) => on === 'accounts');
  const after = plan.after.filter(({ question }) => !isOfAccounts || !accountFiles.includes(pathOf(question) ?? ''));
  const byPath = pathsOf({ ...plan, after }).flatMap((path) =>
    readAtLogin.flatMap(([pattern, way]) => (pattern.test(path) ? [way] : [])),
  );
  return [...(plan.closes ?? []), ...byPath];
}

/**
 * Whether a change concerns how anybody gets in: a connection made before it would hide what came of it. Who runs a
 * command may do anything.
 */
export function concernsLogins(plan: Plan<unknown>): boolean {
  const isOpen = plan.touches.some(({ on }) => on === 'everything' || on === 'accounts');
  return plan.changes.length > 0 && (isOpen || waysOf(plan).length > 0);
}

/**
 * Whether a change could close the way by which we are in: then it stands only once a new login works. Not where the
 * task says otherwise (`commitConfirmed: false`), nor on this machine, where nobody logs in.
 */
export function closesOurWay(
  plan: Plan<unknown>,
  { inherited, become, becomeUser }: ListedTask,
  place: Place,
): boolean {
  if (plan.changes.length === 0 || inherited.commitConfirmed === false) return false;
  const { target, user } = place.session.connection;
  if (target.transport === 'local') return false;
  return waysOf(plan).some((way) => {
    switch (way.by) {
      case 'firewall':
      case 'ssh':
        return true;
      case 'sudo':
        return become && user !== undefined && user !== becomeUser;
      case 'account':
        return way.name === user;
    }
  });
}
