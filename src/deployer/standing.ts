import type { PlayError } from '../errors/index.ts';
import type { Stage } from './config.ts';
import type { Installed } from './installed.ts';
import type { HostReport } from './survey.ts';
import { compareVersions, newestOf } from './version.ts';

/**
 * How a host stands to the stage before: it runs something older and is due for it (`pending`), the same (`equal`),
 * something newer (`ahead`), or there is nothing to hold it against (`first`: of the first stage, `unknown`).
 */
export type Relation = 'pending' | 'equal' | 'ahead' | 'first' | 'unknown';

/** One package on one host. */
export interface Standing {
  readonly stage: string;
  readonly host: string;
  /** Undefined: the host was not reached. */
  readonly installed: Installed | undefined;
  readonly relation: Relation;
}

/** One package through all stages. */
export interface PackageStanding {
  readonly name: string;
  /** By stage, in order, with every host of it. */
  readonly stages: readonly (readonly Standing[])[];
}

export interface FleetStanding {
  readonly stages: readonly Stage[];
  readonly packages: readonly PackageStanding[];
  readonly unreachable: readonly { readonly host: string; readonly error: PlayError }[];
}

/** Holds each host against the newest that the stage before it runs. */
export function standingOf(
  stages: readonly Stage[],
  packages: readonly string[],
  reports: readonly HostReport[],
): FleetStanding {
  const byHost = new Map(reports.map((report) => [report.host, report]));
  const installedOn = (host: string, name: string): Installed | undefined => {
    const report = byHost.get(host);
    return report && 'packages' in report ? report.packages.get(name) : undefined;
  };
  const standing = (name: string): PackageStanding => ({
    name,
    stages: stages.map(({ name: stage, hosts }, i) => {
      const before = stages[i - 1]?.hosts.map((host) => installedOn(host, name));
      return hosts.map((host) => {
        const own = installedOn(host, name);
        return { stage, host, installed: own, relation: relationOf(own, before) };
      });
    }),
  });
  return {
    stages,
    packages: packages.map(standing),
    unreachable: reports.flatMap((report) =>
      'unreachable' in report ? [{ host: report.host, error: report.unreachable }] : [],
    ),
  };
}

function relationOf(own: Installed | undefined, before: readonly (Installed | undefined)[] | undefined): Relation {
  if (before === undefined) return 'first';
  // What could not be set up there is nothing to follow.
  const known = before.flatMap((one) => (one === undefined || one.broken ? [] : [one]));
  if (own === undefined || known.length === 0) return 'unknown';
  // Not installed counts as older than anything.
  const left = newestOf(known.flatMap(({ version }) => version ?? []));
  if (left === undefined || own.version === undefined)
    return left === own.version ? 'equal' : left === undefined ? 'ahead' : 'pending';
  const order = compareVersions(own.version, left);
  return order === 0 ? 'equal' : order < 0 ? 'pending' : 'ahead';
}
