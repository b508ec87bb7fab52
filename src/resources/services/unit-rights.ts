import type { Found, Prediction } from '../../contract/index.ts';
import { self } from '../../probes/index.ts';
import type { Manager } from './units/manager.ts';

/** Check mode: that somebody else than root may do it is for polkit(8) to say, once it is tried. */
export function mayNot(found: Found, manager?: Manager): string[] {
  const me = found.forecast === undefined || manager?.isOfHost === false ? undefined : found.get(self);
  return me === undefined || me.uid === 0 ? [] : [`${me.owner} may manage units`];
}

/**
 * What comes of it, if they may. It is systemd that changes the files, and it is not held to the rights which the
 * account itself has to them.
 */
export function ifAllowed(after: readonly Prediction[], [why]: readonly string[]): readonly Prediction[] {
  return why === undefined ? after : after.map((one) => ({ assumed: why, ...one }));
}
