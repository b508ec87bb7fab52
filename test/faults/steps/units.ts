/** How the services of a host are, as its systemd says. */
import type { FaultHost } from './host.ts';

export interface UnitSight {
  /** Active, sub, enabled: `active running enabled`. */
  readonly state: string;
  /** Microseconds of the monotonic clock at its last change of state: a start or reload is one. */
  readonly since: number;
}

export type Units = ReadonlyMap<string, UnitSight>;

const asked = ['Id', 'ActiveState', 'SubState', 'UnitFileState', 'NeedDaemonReload', 'StateChangeTimestampMonotonic'];
/** Of the host itself and of logins: they come and go. */
const passing =
  /^(?:user@|user-runtime-dir@|session-|systemd-|getty@|console-getty|run-|apt-|man-db|e2scrub|fstrim|dpkg-db|logrotate|emergency|rescue)/;

export async function readUnits(host: FaultHost): Promise<Units> {
  const { stdout } = await host.exec([
    'systemctl',
    'show',
    '*.service',
    '*.timer',
    '*.socket',
    ...asked.flatMap((one) => ['-p', one]),
  ]);
  const units = new Map<string, UnitSight>();
  for (const block of stdout.split('\n\n')) {
    const values = new Map(
      block
        .split('\n')
        .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const id = values.get('Id') ?? '';
    if (id === '' || passing.test(id)) continue;
    const stale = values.get('NeedDaemonReload') === 'yes' ? ' its file changed on disk' : '';
    units.set(id, {
      state: `${values.get('ActiveState')} ${values.get('SubState')} ${values.get('UnitFileState')}${stale}`,
      since: Number(values.get('StateChangeTimestampMonotonic')),
    });
  }
  return units;
}
