import { posix } from 'node:path';
import { unitName } from '../../../probes/index.ts';

/** Modules by what they manage; resources have the same names without underscores. All else is known by its path. */
const byName: readonly { readonly modules: RegExp; readonly kind: string; readonly options: readonly string[] }[] = [
  { modules: /^(?:apt|package|dnf|yum|apk|pacman|zypper)$/, kind: 'package', options: ['name', 'pkg', 'package'] },
  { modules: /^(?:service|systemd|systemdservice|systemdunit|sysvinit)$/, kind: 'unit', options: ['name', 'unit'] },
  { modules: /^(?:user|group)$/, kind: 'account', options: ['name'] },
  { modules: /^authorizedkey$/, kind: 'keys of', options: ['user'] },
  { modules: /^mount$/, kind: 'mount', options: ['path', 'name'] },
  { modules: /^lvg$/, kind: 'volume group', options: ['vg'] },
];
const paths = ['dest', 'path', 'destfile'];
/** What has a command as its text. */
const commands = /^(?:command|shell|raw|script|expect)$/;

/** A module's or resource's name, in a form that both have. @example plainName('ansible.builtin.ini_file') // 'inifile' */
export function plainName(module: string): string {
  return (module.split('.').at(-1) ?? module).replaceAll('_', '').toLowerCase();
}

/**
 * The things that a task manages, by its options: `path /etc/motd`, `package curl`, `unit nginx.service`, `account bob`;
 * of whatever else has a name `sysctl vm.swappiness`. Empty where nothing names them.
 *
 * @param at where it came to in the end, which its options may not say: a file in a folder
 */
export function thingsOf(
  module: string,
  options: Readonly<Record<string, unknown>>,
  at: Readonly<Record<string, string>> = {},
): readonly string[] {
  const name = plainName(module);
  const { vg, lv, snapshot } = options;
  if (name === 'lvol') return known([`volume ${[vg, snapshot ?? lv].map(String).join('/')}`]);
  const rule = byName.find(({ modules }) => modules.test(name));
  if (rule !== undefined) {
    const names = rule.options.flatMap((option) => listOf(options[option]));
    return known(names.map((one) => `${rule.kind} ${nameOf(rule.kind, one)}`));
  }
  if (commands.test(name)) {
    const text = commandOf(options);
    return text === '' ? [] : known([`command ${text}`]);
  }
  const path = [...paths.map((key) => at[key]), ...paths.map((key) => options[key])].find(
    (one) => typeof one === 'string' && one.startsWith('/'),
  );
  if (typeof path === 'string') return known([`path ${plainPath(path)}`]);
  // Ansible's file takes its path by this name, too.
  const own = options['name'];
  if (name === 'file' && typeof own === 'string') return known([`path ${plainPath(own)}`]);
  return typeof own === 'string' && own !== '' ? known([`${name} ${own}`]) : [];
}

/** A task that manages nothing with a name. Of a loop, imports have the item in brackets behind it, Ansible has not. */
export const taskThing = (task: string): string => `task ${task.replace(/ \([^()]*\)$/, '')}`;

/** Of tasks that were left out, Ansible tells what their templates are, not what they come to. */
function known(things: readonly string[]): readonly string[] {
  return things.some((thing) => thing.includes('{{')) ? [] : things;
}

function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(listOf);
  if (typeof value === 'string') return value.split(',').flatMap((one) => one.trim() || []);
  return typeof value === 'number' ? [String(value)] : [];
}

function nameOf(kind: string, given: string): string {
  if (kind === 'unit') return unitName(given);
  if (kind === 'package') return given.replace(/[=:<>].*/, '').trim();
  return kind === 'mount' ? plainPath(given) : given;
}

function plainPath(path: string): string {
  const plain = posix.normalize(path);
  return plain === '/' ? plain : plain.replace(/\/+$/, '');
}

function commandOf({ cmd, argv, _raw_params: raw }: Readonly<Record<string, unknown>>): string {
  const given = cmd ?? raw ?? (Array.isArray(argv) ? argv.join(' ') : '');
  return typeof given === 'string' ? given.trim().replace(/\s+/g, ' ') : '';
}
