/** Which units of this machine its copy keeps, and how the others are masked. */
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { realPath } from './paths.ts';

/**
 * All of them of systemd, dbus and openssh: what it takes to boot, to log in and to power off, and what answers when
 * asked.
 */
const kept = new Set([
  'dbus.service',
  'dbus.socket',
  'dbus-broker.service',
  'ssh.service',
  'systemd-journald.service',
  'systemd-journald.socket',
  'systemd-journald-dev-log.socket',
  'systemd-journal-flush.service',
  'systemd-logind.service',
  'systemd-user-sessions.service',
  'user@.service',
  'user-runtime-dir@.service',
  'systemd-tmpfiles-setup.service',
  'systemd-tmpfiles-setup-dev.service',
  'systemd-tmpfiles-setup-dev-early.service',
  'systemd-sysctl.service',
  'systemd-sysusers.service',
  'systemd-remount-fs.service',
  'systemd-update-utmp.service',
  'systemd-update-utmp-runlevel.service',
  'systemd-hostnamed.service',
  'systemd-hostnamed.socket',
  'systemd-localed.service',
  'systemd-timedated.service',
  'systemd-poweroff.service',
  'systemd-reboot.service',
  'systemd-halt.service',
  'systemd-exit.service',
  'systemd-soft-reboot.service',
]);

/** Targets, slices and scopes do nothing by themselves. */
const acting = /\.(service|socket|timer|path|mount|automount|swap)$/;

/** What makes units of files that may be changed in the copy: /etc/fstab, which is empty there, and /etc/init.d. */
const keptGenerators = new Set(['systemd-fstab-generator', 'systemd-sysv-generator']);

const ownUnits = '/etc/systemd/system';
const vendorUnits = ['/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];
const generators = [
  '/etc/systemd/system-generators',
  '/usr/local/lib/systemd/system-generators',
  '/usr/lib/systemd/system-generators',
  '/lib/systemd/system-generators',
];

/**
 * Links to /dev/null, as `systemctl mask` makes them. A unit whose file the machine has in /etc/systemd/system keeps
 * that file to be looked at and changed: it is masked in /etc/systemd/system.control, which comes first
 * (systemd.unit(5)).
 */
export function masksOfMachine(): string[] {
  const own = new Map(unitsIn(ownUnits).map((name) => [name, isOwnFile(join(ownUnits, name))]));
  const vendor = vendorUnits.flatMap((directory) => unitsIn(directory));
  // A script of /etc/init.d is a service of its name.
  const scripts = list('/etc/init.d').map((name) => `${name.replace(/\.sh$/, '')}.service`);
  // Where packages of a later date would enable it, it takes the port before ssh.service does.
  const names = new Set([...own.keys(), ...vendor, ...scripts, 'ssh.socket']);
  const units = [...names]
    .filter((name) => !kept.has(name) && !isMasked(name))
    .map((name) => join(own.get(name) ? '/etc/systemd/system.control' : ownUnits, name));
  const programs = new Set(generators.flatMap(list).filter((name) => !keptGenerators.has(name)));
  return [...units, ...[...programs].map((name) => `/etc/systemd/system-generators/${name}`)].sort();
}

/** Units that act; names that only stand for a kept one are left out. */
function unitsIn(directory: string): string[] {
  return list(directory).filter(
    (name) => acting.test(name) && !kept.has(basename(realPath(join(directory, name)) ?? name)),
  );
}

/** No link that enabling a unit has made, which would come back when it is enabled again. */
function isOwnFile(path: string): boolean {
  if (!lstatSync(path).isSymbolicLink()) return true;
  const target = realPath(path) ?? '';
  return !vendorUnits.some((directory) => target.startsWith(`${directory}/`));
}

function isMasked(name: string): boolean {
  const path = join(ownUnits, name);
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(path) === '/dev/null';
}

const list = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);
