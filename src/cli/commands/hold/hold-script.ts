import type { LaneRequest } from '../../../connection/index.ts';
import { holdsSh } from '../../../probes/index.ts';

/** The holds of a host (`decodeHolds`), and for each unit named `@unit NAME` with what systemd, or supervisord, says of it. */
export function lookRequest(units: readonly string[]): LaneRequest {
  return {
    script: `${holdsSh}
for u; do
  echo "@unit $u"
  case $u in
    supervisor:*) supervisorctl status 2>/dev/null | awk -v n="\${u#*:}" '{ split($1, name, ":"); if (name[1] == n) there = 1 } END { exit !there }' || echo LoadState=not-found;;
    *) if command -v systemctl >/dev/null; then systemctl show -p LoadState -p Id -p Names -- "$u"; fi;;
  esac
done
exit 0`,
    args: units,
    timeout: 30,
  };
}
