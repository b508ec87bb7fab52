import { ProbeFailure, type ProbeKind, type Question } from './types.ts';

/** What systemd says of a unit (systemctl(1), `show`). */
export interface Unit {
  /** False: systemd does not know it. */
  readonly loaded: boolean;
  /** `active`, `inactive`, `failed`, `activating` ... */
  readonly active: string;
  /** `enabled`, `disabled`, `static`, `masked`, `generated` ...; empty where there is no unit file. */
  readonly enabled: string;
  readonly masked: boolean;
  /** The unit file on disk is newer than what systemd has read. */
  readonly needsReload: boolean;
  /** Microseconds since boot when it last became active: what tells whether it has restarted since. */
  readonly activeSince: number;
}

const kind: ProbeKind<Unit> = {
  kind: 'unit',
  arity: 1,
  sh: `xargs -0 systemctl show -p LoadState,ActiveState,UnitFileState,NeedDaemonReload,ActiveEnterTimestampMonotonic --`,
  decode(stdout, questions, stderr) {
    // One block a unit, in the order asked, blank lines between.
    const blocks = stdout.toString('utf8').trim().split(/\n\n+/);
    return questions.map((_, i) => {
      const fields = new Map((blocks[i] ?? '').split('\n').map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
      const load = fields.get('LoadState');
      if (load === undefined) return new ProbeFailure(stderr.trim() || 'systemctl show gave no answer');
      return {
        loaded: load !== 'not-found',
        active: fields.get('ActiveState') ?? '',
        enabled: fields.get('UnitFileState') ?? '',
        masked: load === 'masked' || fields.get('UnitFileState') === 'masked',
        needsReload: fields.get('NeedDaemonReload') === 'yes',
        activeSince: Number(fields.get('ActiveEnterTimestampMonotonic') ?? 0),
      };
    });
  },
  depends: ([unit = '']) => [{ on: 'units' }, { on: 'unit', unit }],
};

/** The state of a systemd unit; a name without a suffix is a service. */
export function unit(name: string): Question<Unit> {
  return { kind, args: [/\.[a-z]+$/.test(name) ? name : `${name}.service`] };
}
