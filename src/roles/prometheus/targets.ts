import { unknownName, v, option } from 'play';

/** Where a job's targets come from; the entries of every kind of job. */
export const targetEntries = {
  targets: option.list('Targets, as written.', v.string(), []),
  group: v.optional(option.text('An inventory group: each of its hosts is a target, even outside the limit.')),
  url: v.optional(
    option.text(
      "Makes a URL from each of the group's hosts: `https://{host}/version`.",
      v.includes('{host}', 'must hold {host} where the name belongs'),
    ),
  ),
  port: v.optional(option.port("Added to the names of the group's hosts.")),
};

export interface TargetSource {
  readonly name: string;
  readonly targets: readonly string[];
  readonly group?: string | undefined;
  readonly port?: number | undefined;
  readonly url?: string | undefined;
}

/** What is wrong between the entries, as a sentence; undefined when nothing is. For `v.check` of a job's schema. */
export function wrongTargets({ targets, group, port, url }: TargetSource): string | undefined {
  if (targets.length === 0 && group === undefined) return 'must have `targets` or a `group`';
  if (port !== undefined && url !== undefined) return 'has both a `port` and a `url`: write the port into the url';
  if (group === undefined && (port ?? url) !== undefined)
    return 'has a `port` or `url` without a `group`: write them into the targets';
  return undefined;
}

/**
 * A job's targets, sorted, so that the order of the inventory's lines changes nothing. A group without hosts gives
 * none.
 *
 * @throws PlayError with the nearest names for a group that the inventory does not have
 */
export function targetsOf(job: TargetSource, groups: Readonly<Record<string, readonly string[]>>): string[] {
  const hosts = job.group === undefined ? [] : groups[job.group];
  if (hosts === undefined)
    throw unknownName('group', job.group ?? '', Object.keys(groups), { where: `job "${job.name}" of Prometheus` });
  const pattern = job.url ?? (job.port === undefined ? '{host}' : `{host}:${job.port}`);
  return [...new Set([...job.targets, ...hosts.map((host) => pattern.replaceAll('{host}', host))])].sort();
}

/** Names that occur twice: Prometheus takes a job's name once. */
export function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}
