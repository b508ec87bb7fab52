import type { Found, Prediction } from '../../../contract/index.ts';
import type { Unit } from '../../../probes/index.ts';
import { foreseenUnit } from './foreseen-unit.ts';
import { hostManager, type Manager } from './manager.ts';

/** What is done to a unit. */
export type Operation = 'start' | 'stop' | 'restart' | 'reload';

/** Whether a unit is started: one that is still coming up is, one between two attempts of Restart= is not. */
export function runs(now: Unit): boolean {
  return (
    now.active === 'active' || now.active === 'reloading' || (now.active === 'activating' && now.sub !== 'auto-restart')
  );
}

/** Check mode: the units that start or stop with this one. */
export function followersAfter(
  operation: Operation,
  now: Unit,
  found: Found,
  manager: Manager = hostManager,
): Prediction[] {
  if (operation === 'stop') {
    return now.stopsWith.flatMap((name): Prediction[] => {
      const other = foreseenUnit(name, found, manager);
      return runs(other)
        ? [
            {
              question: manager.unit(name),
              answer: { ...other, active: 'inactive', sub: 'dead' },
              assumed: `${name} stops with ${now.names[0] ?? ''}`,
            },
          ]
        : [];
    });
  }
  if (operation === 'reload') return [];
  return now.pulls.flatMap((name): Prediction[] => {
    const other = foreseenUnit(name, found, manager);
    const starts = other.loaded && other.valid && !other.masked && !runs(other) && !other.runsToEnd;
    return starts
      ? [
          {
            question: manager.unit(name),
            answer: { ...other, active: 'active', sub: 'running' },
            assumed: `${name} is started with ${now.names[0] ?? ''}`,
          },
        ]
      : [];
  });
}
