import { holdsFolder, holdsSh } from '../../../probes/index.ts';

/** A unit that does not run. */
export interface Stopped {
  readonly unit: string;
  /** `stopped`, of its own or by somebody's hand, though it starts at boot; or `failed`. */
  readonly how: 'stopped' | 'failed';
  /** Seconds since the epoch; undefined where systemd does not know. */
  readonly since: number | undefined;
}

/** When somebody overruled a hold. */
export interface Overruled {
  readonly at: number;
  readonly by: string;
}

/**
 * sh: the holds of a host, who overruled some, and units that do not run: `@clock UPTIME`, then `systemctl show` of all
 * services, timers, sockets and paths that failed or start at boot, and of the units held. Needs no root.
 */
export const statusScript = `${holdsSh}
[ ! -f ${holdsFolder}/overruled ] || while IFS= read -r l; do echo "@overruled $l"; done <${holdsFolder}/overruled
command -v systemctl >/dev/null || exit 0
read -r up rest </proc/uptime
echo "@clock $(date +%s) $up"
{
  systemctl list-unit-files --no-legend --no-pager --type=service,timer,socket,path --state=enabled
  systemctl list-units --no-legend --no-pager --plain --all --type=service,timer,socket,path --state=failed
  sed -n 's/.*"unit":"\\([A-Za-z0-9:_.@-]*\\)".*/\\1/p' ${holdsFolder}/*.hold
} 2>/dev/null | while read -r u rest; do case $u in *@.*) ;; *.*) echo "$u";; esac; done | sort -u |
  xargs -r systemctl show -p Id -p ActiveState -p Type -p TriggeredBy -p ConditionResult -p StateChangeTimestampMonotonic --
exit 0`;

/** Reads what `statusScript` prints of units. */
export function decodeStopped(text: string): Stopped[] {
  const [, now = '0', up = '0'] = /^@clock (\d+) ([\d.]+)$/m.exec(text) ?? [];
  const booted = Number(now) - Number(up);
  return text.split(/\n\n|^@clock .*\n/m).flatMap((block): Stopped[] => {
    const property = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const unit = property.get('Id');
    const active = property.get('ActiveState');
    if (unit === undefined) return [];
    const changed = Number(property.get('StateChangeTimestampMonotonic') ?? 0) / 1_000_000;
    const since = changed > 0 ? Math.round(booted + changed) : undefined;
    if (active === 'failed') return [{ unit, how: 'failed', since }];
    // What runs to its end, waits for its trigger, or does not start here (a condition) stands as it should.
    const rests =
      property.get('Type') === 'oneshot' ||
      property.get('ConditionResult') === 'no' ||
      (property.get('TriggeredBy') ?? '') !== '' ||
      since === undefined;
    return active === 'inactive' && !rests ? [{ unit, how: 'stopped', since }] : [];
  });
}

export function decodeOverruled(lines: readonly string[]): Overruled[] {
  return lines.flatMap((line) => {
    const [, at, by] = /^@overruled (\d{1,12}) (.+)$/.exec(line) ?? [];
    return by === undefined ? [] : [{ at: Number(at), by }];
  });
}
