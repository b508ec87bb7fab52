import type { PathState } from '../../contract/index.ts';
import type { AclEntry } from '../../probes/index.ts';

/** What setfacl(1) is told to do to one list. */
export interface AclEdit {
  readonly isDefault: boolean;
  readonly type: AclEntry['type'];
  readonly name: string;
  /** As given: letters, with `X` for what is executable already, or a digit; undefined takes the entry away. */
  readonly permissions: string | undefined;
  readonly mask: 'default' | 'mask' | 'no_mask';
}

const types: Readonly<Record<string, AclEntry['type']>> = {
  u: 'user',
  user: 'user',
  g: 'group',
  group: 'group',
  m: 'mask',
  mask: 'mask',
  o: 'other',
  other: 'other',
};

/** Reads an entry as setfacl(1) writes it; undefined for spellings we leave to it. */
export function parseAclEdit(entry: string, verb: '-m' | '-x', mask: AclEdit['mask']): AclEdit | undefined {
  const [, isDefault, kind = '', name = '', permissions] =
    /^(d:|default:)?([a-z]+):(?:([^:]*):)?([rwxX-]*|[0-7])$/.exec(
      verb === '-m' ? entry : `${entry.replace(/:$/, '')}:`,
    ) ?? [];
  const type = types[kind];
  if (type === undefined || permissions === undefined || (permissions === '' && verb === '-m')) return undefined;
  const isNamed = type === 'user' || type === 'group';
  if (!isNamed && name !== '') return undefined;
  return { isDefault: isDefault !== undefined, type, name, permissions: verb === '-m' ? permissions : undefined, mask };
}

/** The list after the edit. A mask that is wide enough stays as it is, so that a mode set beside it does too. */
export function editAcl(acl: readonly AclEntry[], edit: AclEdit, { type, mode }: PathState): AclEntry[] {
  const isIt = (one: AclEntry): boolean =>
    one.isDefault === edit.isDefault &&
    one.type === edit.type &&
    (edit.name === '' ? one.name === '' : one.name === edit.name || one.id === edit.name);
  const old = acl.find(isIt);
  if (edit.permissions === undefined)
    return old === undefined
      ? [...acl]
      : masked(
          acl.filter((one) => !isIt(one)),
          edit,
        );
  const permissions = numberOf(edit.permissions, type === 'directory' || /[1357]/.test(mode.slice(1)));
  if (old?.permissions === permissions && edit.mask !== 'mask' && isEffective(acl, old)) return [...acl];
  const others = acl.filter((one) => !isIt(one));
  const rest =
    edit.isDefault && !acl.some((one) => one.isDefault)
      ? [...others, ...asDefault(others).filter((one) => !isIt(one))]
      : others;
  const entry = {
    isDefault: edit.isDefault,
    type: edit.type,
    name: edit.name,
    id: old?.id ?? (/^\d+$/.test(edit.name) ? edit.name : ''),
    permissions,
  };
  return masked([...rest, { ...entry, ...(old ? { name: old.name } : {}) }], edit);
}

/** A directory's first default entry brings those of owner, group and others along (setfacl(1)). */
function asDefault(acl: readonly AclEntry[]): AclEntry[] {
  return acl.filter((one) => one.name === '' && one.type !== 'mask').map((one) => ({ ...one, isDefault: true }));
}

/** Whether the mask lets an entry have what it says. */
function isEffective(acl: readonly AclEntry[], { isDefault, type, name, permissions }: AclEntry): boolean {
  const mask = acl.find((one) => one.isDefault === isDefault && one.type === 'mask');
  const isMasked = type === 'group' || (type === 'user' && name !== '');
  return mask === undefined || !isMasked || (permissions & ~mask.permissions) === 0;
}

function masked(acl: AclEntry[], { isDefault, type, mask }: AclEdit): AclEntry[] {
  const mine = acl.filter((one) => one.isDefault === isDefault);
  const now = mine.find((one) => one.type === 'mask');
  const isNeeded = now !== undefined || mine.some((one) => one.name !== '');
  if (!isNeeded || type === 'mask' || (mask === 'no_mask' && now !== undefined)) return acl;
  const all = mine
    .filter((one) => one.type === 'group' || (one.type === 'user' && one.name !== ''))
    .reduce((bits, one) => bits | one.permissions, 0);
  return [...acl.filter((one) => one !== now), { isDefault, type: 'mask', name: '', id: '', permissions: all }];
}

function numberOf(permissions: string, isExecutable: boolean): number {
  if (/^[0-7]$/.test(permissions)) return Number(permissions);
  return (
    (permissions.includes('r') ? 4 : 0) |
    (permissions.includes('w') ? 2 : 0) |
    (permissions.includes('x') || (permissions.includes('X') && isExecutable) ? 1 : 0)
  );
}
