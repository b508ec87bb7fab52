import type { AclEntry } from '../../probes/index.ts';

/** Whether a list says more than the mode does (acl(5)): then the group's digit of the mode is the mask. */
export function isExtended(acl: readonly AclEntry[] | null): acl is readonly AclEntry[] {
  return acl?.some((one) => !one.isDefault && one.type === 'mask') ?? false;
}

/** The list once chmod(1) has set a mode and the owning group's own entry was made the same. */
export function withOwningGroup(acl: readonly AclEntry[], mode: string): AclEntry[] {
  return withMode(acl, mode).map((one) =>
    !one.isDefault && one.type === 'group' && one.name === '' ? { ...one, permissions: digit(mode, 2) } : one,
  );
}

/** The list as it is beside this mode. */
export function withMode(acl: readonly AclEntry[], mode: string): AclEntry[] {
  const hasMask = isExtended(acl);
  return acl.map((one) => {
    if (one.isDefault || one.name !== '') return one;
    if (one.type === 'user') return { ...one, permissions: digit(mode, 1) };
    if (one.type === 'other') return { ...one, permissions: digit(mode, 3) };
    return (one.type === 'mask') === hasMask ? { ...one, permissions: digit(mode, 2) } : one;
  });
}

/** The list that a mode alone is. */
export function listOfMode(mode: string): AclEntry[] {
  return (['user', 'group', 'other'] as const).map((type, i) => ({
    isDefault: false,
    type,
    name: '',
    id: '',
    permissions: digit(mode, i + 1),
  }));
}

/** The mode that shows beside a list; what it has of special bits stays. */
export function modeOf(acl: readonly AclEntry[], mode: string): string {
  const own = (type: AclEntry['type']): number | undefined =>
    acl.find((one) => !one.isDefault && one.type === type && one.name === '')?.permissions;
  return `${mode.charAt(0)}${own('user') ?? mode.charAt(1)}${own('mask') ?? own('group') ?? mode.charAt(2)}${own('other') ?? mode.charAt(3)}`;
}

function digit(mode: string, at: number): number {
  return Number(mode.charAt(at));
}

export function sameAcl(one: readonly AclEntry[], other: readonly AclEntry[]): boolean {
  const spelt = (acl: readonly AclEntry[]): string =>
    acl
      .map((entry) => `${entry.isDefault}:${entry.type}:${entry.id || entry.name}:${entry.permissions}`)
      .sort()
      .join('\n');
  return spelt(one) === spelt(other);
}
