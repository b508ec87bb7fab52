import type { Found, Prediction } from '../../../contract/index.ts';
import type { Unit } from '../../../probes/index.ts';
import { takenName } from './enablement.ts';
import type { Operation } from './followers.ts';
import type { Manager } from './manager.ts';
import { whyNoStart } from './start-needs.ts';

/** Check mode: why what is to be done to a unit is sure to fail half way. */
export interface Doom {
  readonly why: string;
  /** What fails; all that is done before it stands. */
  readonly at: 'enable' | 'operation';
}

/** Check mode: why what is to be done is sure to fail once it is tried. */
export function whyNot(
  name: string,
  bare: Unit,
  { enable, operation }: { readonly enable: boolean | undefined; readonly operation: Operation | undefined },
  found: Found,
  manager: Manager,
): Doom | undefined {
  const starts = operation !== undefined && operation !== 'stop';
  if (!bare.loaded && (starts || enable))
    return {
      why: `Could not ${enable ? 'enable' : (operation ?? '')} ${name}: there is no such unit on this host once it is unmasked; write its file first`,
      at: enable ? 'enable' : 'operation',
    };
  const taken = enable ? takenName(realName(name, bare), bare, found, manager) : undefined;
  if (taken !== undefined) return { why: taken, at: 'enable' };
  const why = operation === undefined ? undefined : whyNoOperation(operation, name, bare, found, manager);
  return why === undefined ? undefined : { why: `Could not ${operation} ${name}: ${why}`, at: 'operation' };
}

/** A unit after something that failed half way. */
export function halfWay(name: string, now: Unit, manager: Manager): Prediction[] {
  return [...new Set([name, ...now.names])].map((one) => ({
    question: manager.unit(one),
    answer: null,
    unknown: `what was to be done to ${name} before fails halfway`,
  }));
}

/** systemctl takes no other name of a unit to enable it by. */
export function realName(name: string, now: Unit): string {
  return now.names[0] ?? name;
}

/** Check mode: why the operation is sure to fail, for all that the unit's files say. */
function whyNoOperation(
  operation: Operation,
  name: string,
  now: Unit,
  found: Found,
  manager: Manager,
): string | undefined {
  switch (operation) {
    case 'stop':
      return now.canStop ? undefined : 'its unit file says RefuseManualStop=yes';
    case 'reload':
      return now.canReload ? undefined : 'it has no reload; give it ExecReload=, or restart it';
    case 'start':
    case 'restart':
      return whyNoStart(name, now, found, manager);
  }
}
