import { holdOn, type Hold } from '../runner/index.ts';
import type { Standing } from './standing.ts';
import type { HostReport } from './survey.ts';

/** A host that is left alone, and why. */
export interface HeldHost {
  readonly host: string;
  readonly hold: Hold;
}

/**
 * The hosts on which a service of the package is held: installing it would restart that. Hosts that are held as a whole
 * are left alone by the run itself.
 */
export function heldServices(
  hosts: readonly string[],
  targets: readonly Standing[],
  reports: readonly HostReport[],
): HeldHost[] {
  return hosts.flatMap((host) => {
    const units = targets.find((one) => one.host === host)?.installed?.services.map(({ unit }) => unit) ?? [];
    const hold = holdOn(units, holdsOf(host, reports));
    return hold === undefined ? [] : [{ host, hold }];
  });
}

/** Every hold there is on the hosts that were reached. */
export function allHolds(reports: readonly HostReport[]): HeldHost[] {
  return reports.flatMap(({ host }) => holdsOf(host, reports).map((hold) => ({ host, hold })));
}

function holdsOf(host: string, reports: readonly HostReport[]): readonly Hold[] {
  const report = reports.find((one) => one.host === host);
  return report && 'holds' in report ? report.holds : [];
}
