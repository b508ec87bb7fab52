import type { Found, Question } from '../../../contract/index.ts';
import { self, user } from '../../../probes/index.ts';
import type { Manager } from './manager.ts';
import { unitsOfUser, userFolders, userManager, userUnit, userUnitsChanged } from './user-manager.probe.ts';

/** What is asked first; the rest needs to know whose home it is. */
export const userQuestions: Question[] = [self];

/** sh before a step: all of it is for the systemd of the account that runs it. */
const toUser = `export XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"
systemctl() { command systemctl --user "$@"; }
journalctl() { command journalctl --user "$@"; }
`;

/**
 * The systemd of the account the task works as.
 *
 * @throws PlayError where it does not run
 */
export function managerOfUser(found: Found): Manager {
  const { uid, gid, owner, group } = found.get(self);
  found.need(user(owner), userManager(owner));
  const home = found.get(user(owner))?.home ?? '/';
  const silent = found.get(userManager(owner));
  found.require(silent === '', {
    failure: `the systemd of ${owner} does not answer: ${silent}`,
    hint: `Let it run without a login, as root: command({ cmd: 'loginctl enable-linger ${owner}', creates: '/var/lib/systemd/linger/${owner}' })`,
    by: 'changes',
  });
  const config = `${home === '/' ? '' : home}/.config/systemd/user`;
  return {
    unit: (name) => userUnit(name, owner, home),
    changed: userUnitsChanged(owner, home),
    folders: userFolders(home, uid),
    configured: config,
    runtime: `/run/user/${uid}/systemd/user`,
    account: { uid, gid, owner, group },
    units: unitsOfUser(owner),
    isOfHost: false,
    sends: ({ inParts: _inParts, ...step }) => ({ ...step, script: `${toUser}${step.script}` }),
  };
}
