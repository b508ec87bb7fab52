import type { LaneRequest } from '../../../connection/index.ts';
import { holdsSh } from '../../../probes/index.ts';

/** The holds of a host (`decodeHolds`), and for each unit named `@unit NAME` with what systemd says of it. */
export function lookRequest(units: readonly string[]): LaneRequest {
  return {
    script: `${holdsSh}
for u; do
  echo "@unit $u"
  if command -v systemctl >/dev/null; then systemctl show -p LoadState -p Id -p Names -- "$u"; fi
done
exit 0`,
    args: units,
    timeout: 30,
  };
}
