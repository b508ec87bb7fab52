import { isEarlier, negated, testHolds } from './conditions.ts';
import { effectsOf, altering } from './effects.ts';
import type { Field } from './expand.ts';
import { configureVersion, postgresqlFunctions } from './postgresql.ts';
import { whichProgram } from './programs.ts';
import type { Verdict, World } from './world.ts';

/** How a script, a function or a loop ends early. `fail`: the installation fails, which is taken not to happen. */
export type Ending = 'exit' | 'fail' | 'return' | 'break' | 'continue';

/** The script that calls. */
export interface Caller {
  readonly world: World;
  readonly isSure: boolean;
  positional: readonly (string | undefined)[];
  assign(name: string, value: string | undefined): void;
  unset(name: string): void;
  lose(): void;
  end(ending: Ending): void;
}

type Tool = (fields: readonly Field[], caller: Caller) => Verdict;

/** A command with its words; gives whether it succeeds. */
export function call(fields: readonly Field[], caller: Caller): Verdict {
  const tool = fields[0]?.text;
  const known = tool === undefined ? undefined : tools.get(tool);
  if (known !== undefined) return known(fields, caller);
  if (tool?.startsWith('db_')) {
    // debconf answers there (debconf-devel(7)).
    caller.assign('RET', undefined);
    return undefined;
  }
  return act(fields, caller);
}

const words = (fields: readonly Field[]): string[] =>
  fields.map((one) => (one.isPattern || one.text === undefined ? '' : one.text));

/** What alters the host in ways that are known here; of all else, what it was given is in doubt. */
function act(fields: readonly Field[], { world, isSure }: Caller): Verdict {
  const tool = (fields[0]?.text ?? '').replace(/^.*\//, '');
  const isUnread = fields.some((one) => one.text === undefined);
  const effects = effectsOf([tool, ...words(fields.slice(1))]);
  for (const effect of effects) world.does(effect, isSure && !isUnread && !guessing.has(tool));
  if (altering.has(tool) && isUnread) world.blur();
  for (const { text = '', isPattern } of fields.slice(1)) {
    if (effects.length > 0 && !isPattern) continue;
    for (const path of text.split(/[\s'"=:,]+/)) if (/^\/./.test(path)) world.doubtPath(path);
    if (accountTools.has(tool)) world.doubtAccount(text);
  }
  return undefined;
}

const accountTools = new Set(
  'adduser addgroup useradd groupadd usermod userdel deluser groupmod groupdel delgroup chfn chsh gpasswd'.split(' '),
);

/** What they do hangs on records of theirs (ucf(1), update-rc.d(8)). */
const guessing = new Set(['ucf', 'update-rc.d']);

const succeeds: Tool = () => true;

/** These look, or what they do is nobody's file: nothing that is given to them is altered. */
const looking: Tool = () => undefined;

const lookingTools =
  'grep egrep fgrep cat cmp diff ls stat md5sum sha256sum wc cut head tail sort tr find dpkg-query dpkg-trigger ucfr id logname pidof pgrep aa-enabled apparmor_parser restorecon systemd-detect-virt ischroot udevadm su runuser sleep kill';

const tools: ReadonlyMap<string, Tool> = new Map<string, Tool>([
  ...[':', 'true', 'echo', 'printf', 'trap', 'umask', 'wait', 'hash'].map((name) => [name, succeeds] as const),
  ...lookingTools.split(' ').map((name) => [name, looking] as const),
  ['false', () => false],
  ['[', ([, ...fields], { world }) => testHolds(fields.slice(0, -1), world)],
  ['test', ([, ...fields], { world }) => testHolds(fields, world)],
  ['exit', exit],
  ['return', ending('return')],
  ['break', ending('break')],
  ['continue', ending('continue')],
  ['exec', exec],
  ['eval', lost],
  ['.', source],
  ['source', source],
  ['set', set],
  ['shift', shift],
  ['unset', unset],
  ['local', declare],
  ['export', declare],
  ['readonly', declare],
  ['read', read],
  ['command', command],
  ['which', ([, name], { world }) => isThere(name, world)],
  ['type', ([, name], { world }) => isThere(name, world)],
  ['getent', getent],
  ['dpkg', dpkg],
  ['dpkg-statoverride', statOverride],
  // A first installation has nothing to move or to remove (dpkg-maintscript-helper(1)).
  ['dpkg-maintscript-helper', succeeds],
  ['deb-systemd-helper', systemdHelper],
  ['systemctl', systemctl],
  ['invoke-rc.d', invokeScript],
  ['configure_version', newCluster],
  // Manuals alone.
  ['configure_client_version', succeeds],
  ['systemd-sysusers', declared('sysusers')],
  ['systemd-tmpfiles', declared('tmpfiles')],
]);

function ending(kind: 'return' | 'break' | 'continue'): Tool {
  return (_, caller) => {
    caller.end(kind);
    return undefined;
  };
}

/** `exit 1` fails the installation, which is taken to succeed: nobody gets there. */
function exit([, code]: readonly Field[], caller: Caller): Verdict {
  caller.end(/^[1-9]/.test(code?.text ?? '') ? 'fail' : 'exit');
  return undefined;
}

function exec(fields: readonly Field[], caller: Caller): Verdict {
  if (fields.length === 1) return true;
  caller.lose();
  return undefined;
}

function lost(_: readonly Field[], caller: Caller): Verdict {
  caller.lose();
  return undefined;
}

const knownSources: readonly (string | undefined)[] = ['/usr/share/debconf/confmodule', postgresqlFunctions];

/** debconf's own is known to bring `db_` commands; what most others define, nobody knows. */
function source([, file]: readonly Field[], caller: Caller): Verdict {
  if (!knownSources.includes(file?.text)) caller.lose();
  return true;
}

function set(fields: readonly Field[], caller: Caller): Verdict {
  const at = fields.findIndex((one) => one.text === '--');
  if (at > 0) caller.positional = fields.slice(at + 1).map((one) => (one.isPattern ? undefined : one.text));
  return true;
}

function shift([, count]: readonly Field[], caller: Caller): Verdict {
  caller.positional = caller.positional.slice(Number(count?.text ?? 1) || 1);
  return true;
}

function unset(fields: readonly Field[], caller: Caller): Verdict {
  for (const { text } of fields.slice(1)) if (text !== undefined) caller.unset(text);
  return true;
}

function declare(fields: readonly Field[], caller: Caller): Verdict {
  for (const { text } of fields.slice(1)) {
    const [, name, value] = /^([A-Za-z_]\w*)=([^]*)$/.exec(text ?? '') ?? [];
    if (name !== undefined) caller.assign(name, value);
  }
  return true;
}

function read(fields: readonly Field[], caller: Caller): Verdict {
  for (const { text = '' } of fields.slice(1)) if (!text.startsWith('-')) caller.assign(text, undefined);
  return undefined;
}

function command([, first, ...others]: readonly Field[], caller: Caller): Verdict {
  if (first?.text === '-v' || first?.text === '-V') return isThere(others[0], caller.world);
  return first === undefined ? true : call([first, ...others], caller);
}

function isThere(name: Field | undefined, world: World): Verdict {
  const path = name?.text === undefined ? undefined : whichProgram(name.text, world);
  return path === undefined ? undefined : path !== null;
}

function getent([, table, name]: readonly Field[], { world }: Caller): Verdict {
  if (name?.text === undefined) return undefined;
  return table?.text === 'passwd'
    ? world.hasUser(name.text)
    : table?.text === 'group'
      ? world.hasGroup(name.text)
      : undefined;
}

function dpkg([, ...fields]: readonly Field[]): Verdict {
  return fields[0]?.text === '--compare-versions' ? isEarlier(fields) : undefined;
}

function statOverride(fields: readonly Field[], { world, isSure }: Caller): Verdict {
  const all = words(fields.slice(1));
  const [owner, group, mode, path] = all.filter((one) => !one.startsWith('--'));
  if (all.includes('--list')) return owner === undefined || owner === '' ? undefined : world.isOverridden(owner);
  if (!all.includes('--add') || !all.includes('--update')) return undefined;
  if (path === undefined || all.includes('')) {
    world.blur();
    return undefined;
  }
  world.does({ do: 'own', path, owner: owner ?? '', group: group ?? '', below: false }, isSure);
  world.does({ do: 'mode', path, mode: mode ?? '', below: false }, isSure);
  return true;
}

/** deb-systemd-helper(1p): a new unit counts as having been enabled. */
function systemdHelper(fields: readonly Field[], caller: Caller): Verdict {
  const verb = words(fields.slice(1)).find((one) => one !== '' && !one.startsWith('-'));
  if (verb === 'was-enabled') return true;
  if (verb === 'debian-installed') return false;
  act(fields, caller);
  return true;
}

function systemctl(fields: readonly Field[], caller: Caller): Verdict {
  return words(fields).includes('daemon-reload') ? true : act(fields, caller);
}

/** invoke-rc.d(8): what has a unit is left to systemd by this option. */
function invokeScript(fields: readonly Field[], caller: Caller): Verdict {
  const given = words(fields.slice(1));
  const script = given.find((one) => one !== '' && !one.startsWith('-'));
  if (given.includes('--skip-systemd-native') && caller.world.bringsUnit(`${script ?? ''}.service`)) return true;
  return act(fields, caller);
}

function newCluster([, version, before]: readonly Field[], { world, isSure }: Caller): Verdict {
  if (version?.text !== undefined && before?.text === '') configureVersion(version.text, world, isSure);
  return true;
}

function declared(kind: 'sysusers' | 'tmpfiles'): Tool {
  return (fields, { world, isSure }) => {
    for (const word of words(fields.slice(1)))
      for (const effect of word.startsWith('-') ? [] : world.declares(kind, word.replace(/^.*\//, '')))
        world.does(effect, isSure);
    return negated(false);
  };
}
