import { dirname } from 'node:path/posix';
import {
  predict,
  type Change,
  type Found,
  type Prediction,
  type Need,
  type PathState,
  type Plan,
  type Stat,
  type Step,
} from '../../contract/index.ts';
import {
  aclEntries,
  fileCapabilities,
  groupBy,
  isNumber,
  stat,
  user,
  userBy,
  walkSh,
  writability,
  type AclEntry,
  type User,
} from '../../probes/index.ts';
import { isExtended, withMode, withOwningGroup } from './acl-entries.ts';
import { resolveMode } from './mode.ts';

/** The permissions wanted for a path. */
export interface WantedAttributes {
  /**
   * Octal (`'0644'`) or symbolic (`'u=rw,g=r,o='`). Default: unchanged; `0644` for a new file without secrets, `0755`
   * for a new directory.
   */
  readonly mode?: string | undefined;
  /** A name or a number. Default: unchanged; the task's user for a new file. */
  readonly owner?: string | undefined;
  /** A name or a number. Default: unchanged. */
  readonly group?: string | undefined;
}

/** Where permissions differ from what is wanted, with the operand of chown(1) and the mode of chmod(1) to fix them. */
export interface AttributePlan {
  readonly changes: readonly Change[];
  /** Octal. */
  readonly mode: string;
  /** `user:group` for chown, empty to leave it. */
  readonly chown: string;
  /** The state after. */
  readonly after: PathState;
  /** Where there is an access control list: what chmod(1) leaves to be done. */
  readonly aclStep?: ((path: string) => Step) | undefined;
  readonly aclAfter: readonly Prediction[];
}

/** Whether they are right as they stand, so that nothing of them has to be worked out. */
export function hasAttributes({ mode, owner, group }: WantedAttributes, at: PathState): boolean {
  return (
    (mode === undefined || mode === at.mode) &&
    (owner === undefined || isNamed(owner, at.owner, at.uid)) &&
    (group === undefined || isNamed(group, at.group, at.gid))
  );
}

/**
 * Compares permissions. `at` is what is there, or what a new one gets by itself. Who is wanted is looked up only where
 * somebody else is found.
 * @throws PlayError where there is no such user or group
 */
export function planAttributes(wanted: WantedAttributes, at: PathState, found: Found): AttributePlan {
  const mode = resolveMode(wanted.mode, at.mode, at.type === 'directory');
  const changes: Change[] = [];
  if (wanted.owner !== undefined && !isNamed(wanted.owner, at.owner, at.uid)) found.need(userBy(wanted.owner));
  if (wanted.group !== undefined && !isNamed(wanted.group, at.group, at.gid)) found.need(groupBy(wanted.group));
  const owner = newOwner('user', wanted.owner, at.owner, at.uid, found);
  const group = newOwner('group', wanted.group, at.group, at.gid, found);
  if (owner) changes.push({ what: 'owner', from: accountText(at.owner, at.uid), to: wanted.owner ?? '' });
  if (group) changes.push({ what: 'group', from: accountText(at.group, at.gid), to: wanted.group ?? '' });
  // The mode of a link means nothing.
  if (mode !== at.mode && at.type !== 'link') changes.push({ what: 'mode', from: at.mode, to: mode });
  const chown = owner || group ? `${owner ? wanted.owner : ''}${group ? `:${wanted.group}` : ''}` : '';
  const after = {
    ...at,
    mode,
    ...(owner && { owner: owner.name, uid: owner.id }),
    ...(group && { group: group.name, gid: group.id }),
  };
  return { changes, mode, chown, after, aclAfter: [] };
}

/**
 * Compares permissions of what is there. Beside an access control list the group's digit of a mode is the list's mask
 * (acl(5)): then the mode is right, too, where the owning group's own entry is as wanted, since the mask has to be as
 * wide as the list.
 */
export function planAttributesAt(path: string, wanted: WantedAttributes, now: PathState, found: Found): AttributePlan {
  const plain = planAttributes(wanted, now, found);
  if (plain.mode === now.mode || now.type === 'link') return plain;
  found.need(writability(path));
  const acl = listAt(path, now, found);
  if (!isExtended(acl)) return plain;
  const base = { ...now, mode: modeBesideAcl(now.mode, acl) };
  const attributes = planAttributes(wanted, base, found);
  if (attributes.mode === base.mode)
    return { ...attributes, mode: now.mode, after: { ...attributes.after, mode: now.mode } };
  const group = attributes.mode.charAt(2);
  const changes = attributes.changes.map((one) => (one.what === 'mode' ? { ...one, from: now.mode } : one));
  return {
    ...attributes,
    changes,
    aclStep: (at) => ({
      script: owningGroupScript,
      args: [at, group],
      label: `set the owning group's permissions of ${at}`,
    }),
    aclAfter: [predict(aclEntries(path), withOwningGroup(acl, attributes.mode))],
  };
}

/** The list at a path; of what is only planned that which it gets from the defaults of its folder (acl(5)). */
function listAt(path: string, now: PathState, found: Found): readonly AclEntry[] | null {
  const own = found.get(aclEntries(path));
  if (own !== null || found.planned(stat(path)) === undefined) return own;
  const folder = dirname(path);
  const above = found.get(stat(folder));
  if (folder === path || above.type === 'absent') return null;
  const defaults = defaultsAt(folder, above, found);
  if (defaults.length === 0) return null;
  const given = defaults.map((one) => ({ ...one, isDefault: false }));
  // Of a file that is written the owning group's own entry is made what the mode says.
  return now.type === 'directory' ? [...withMode(given, now.mode), ...defaults] : withOwningGroup(given, now.mode);
}

/** What is made in a folder gets these, in place of what the umask leaves. */
export function defaultsAt(folder: string, at: Stat, found: Found): readonly AclEntry[] {
  return at.type === 'absent' ? [] : (listAt(folder, at, found)?.filter((one) => one.isDefault) ?? []);
}

/**
 * What is known of a path once it has these permissions. chown(2) takes the capabilities of a file away, chmod(2)
 * leaves them.
 */
export function knownAfter(
  path: string,
  now: PathState,
  { after, aclAfter, chown }: AttributePlan,
  found: Found,
): Pick<Plan<unknown>, 'after' | 'foreseen'> {
  const capabilities = (): Prediction => {
    const answer = found.get(fileCapabilities(path));
    return predict(fileCapabilities(path), chown !== '' && 'text' in answer ? { text: '' } : answer);
  };
  return {
    after: [predict(stat(path), after), ...aclAfter],
    ...(now.type === 'file' ? { foreseen: () => [capabilities()] } : {}),
  };
}

// chmod(1) sets the mask alone.
const owningGroupScript = `set -e
${walkSh}
group=$2
change() { setfacl --no-mask -m "g::$group" -- "$1"; }
enter "\${1%/*}/"
on_opened "\${1##*/}" change`;

function modeBesideAcl(mode: string, acl: readonly AclEntry[]): string {
  const own = acl.find((one) => !one.isDefault && one.type === 'group' && one.name === '');
  return own === undefined ? mode : `${mode.slice(0, 2)}${own.permissions}${mode.slice(3)}`;
}

/** The steps that make what is there have these permissions. */
export function stepsOf(path: string, { mode, chown, changes, after, aclStep }: AttributePlan): Step[] {
  // chown clears set-uid bits, so the mode is set again after it.
  const newMode =
    after.type !== 'link' && (chown !== '' || changes.some((change) => change.what === 'mode')) ? mode : '';
  return [
    { script: attributeScript, args: [path, newMode, chown], label: `set the permissions of ${path}` },
    ...(aclStep ? [aclStep(path)] : []),
  ];
}

/** Who owns something then. */
export interface Owner {
  /** `UNKNOWN` for a number without a name, as stat(1) has it. */
  readonly name: string;
  /** Below zero where it is not known yet. */
  readonly id: number;
}

/** Who is to own what another owns now; undefined where the wanted one does. */
export function newOwner(
  kind: 'user' | 'group',
  wanted: string | undefined,
  name: string,
  id: number,
  found: Found,
): Owner | undefined {
  if (wanted === undefined || isNamed(wanted, name, id)) return undefined;
  const owner = needAccount(kind, wanted, found);
  // Two names may share a number.
  return owner.id >= 0 && owner.id === id ? undefined : owner;
}

/**
 * A user or group that something is given to, by name or number; any number will do.
 * @throws PlayError where there is none, which in a run would fail halfway
 */
export function needAccount(kind: 'user' | 'group', wanted: string, found: Found): Owner {
  const account = kind === 'user' ? found.get(userBy(wanted)) : found.get(groupBy(wanted));
  if (account !== null) return { name: account.name, id: 'uid' in account ? account.uid : account.gid };
  if (isNumber(wanted)) return { name: 'UNKNOWN', id: Number(wanted) };
  presumeAccount(kind, wanted, found);
  return { name: wanted, id: -1 };
}

/**
 * Goes on as if a user or group that is not there were there by then.
 * @throws PlayError where nothing planned before may make it
 */
export function presumeAccount(kind: 'user' | 'group', wanted: string, found: Found): void {
  found.presume(false, { ...lackOf(kind, wanted), assume: `the ${kind} ${wanted} exists` });
}

/**
 * A user that must be there, as the plan is about what they have.
 * @throws PlayError, or Unknowable
 */
export function needUser(name: string, found: Found): User {
  const one = found.get(user(name));
  found.require(one !== null, lackOf('user', name));
  return one;
}

function lackOf(kind: 'user' | 'group', name: string): Need {
  if (!isNumber(name))
    return { failure: `there is no ${kind} ${name} on this host`, hint: `Make it first: ${kind}({ name: '${name}' })` };
  const number = `${kind === 'user' ? 'uid' : 'gid'}: ${name}`;
  return { failure: `no ${kind} has the number ${name}`, hint: `Make it first: ${kind}({ name: ..., ${number} })` };
}

function isNamed(wanted: string, name: string, id: number): boolean {
  return wanted === name || (isNumber(wanted) && Number(wanted) === id);
}

function accountText(name: string, id: number): string {
  return name === 'UNKNOWN' || name === '' ? String(id) : name;
}

/**
 * Mends permissions alone: $1 path, $2 mode or empty, $3 operand of chown or empty. What is there is opened, or
 * entered, and changed by that: so nothing that somebody puts in its place meanwhile gets owner or mode. Of a link it
 * is the link itself that is owned. A fifth digit makes GNU chmod(1) clear the set-group-ID bit of a directory, which
 * four leave as it is.
 */
export const attributeScript = `set -e
${walkSh}
change() {
  [ -z "$owner" ] || chown -- "$owner" "$1" || return
  [ -z "$mode" ] || chmod -- "0$mode" "$1"
}
path=$1 mode=$2 owner=$3
if [ "$path" = / ]; then cd / && change .
else
  enter "\${path%/*}/"
  name=\${path##*/}
  if [ -L "./$name" ] && [ -z "$mode" ]; then [ -z "$owner" ] || chown -h -- "$owner" "./$name"
  else on_opened "$name" change
  fi
fi`;
