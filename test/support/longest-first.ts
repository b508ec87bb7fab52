import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take minutes, the longest first: a worker that begins one last works alone on it while the other is idle.
 */
const long = [
  'monitoring/monitoring',
  'resources/laws',
  'backend/backend',
  'resources/apt-cases',
  'package/package',
  'resources/services',
  'pipeline/resources',
  'truth/truth',
  'pipeline/pipeline',
  'runbooks/as-code',
  'deployer/hosts',
  'connection/keeper',
  'parity/semantics',
  'runbooks/clickhouse',
  'clusters/postgresql',
  'rolling/red-black',
  'resources/moving',
  'commit-confirm/lockouts',
  'clusters/elasticsearch',
  'rolling/rolling',
  'cli/fallback',
  'inventory/ansible-parity',
  'clusters/redis',
  'runbooks/move-and-copies',
  'incidents/ways-in',
  'cli/hold',
  'commit-confirm/left-behind',
  'commit-confirm/roles',
  'commit-confirm/ways',
  'faults/steps',
  'errors/renderings',
  'attack/hostile-hosts',
  'patch/patch',
  'backend/mistakes',
  'faults/accounts',
  'cli/host-commands',
  'rehearse/rehearse-host',
  'roles/certificates-and-logs',
  'roles/databases',
  'connection/become',
  'roles/monitoring',
  'roles/host',
  'resources/systemd-host',
  'resources/laws-rpm',
  'resources/apt-host',
  'cli/launcher',
  'cli/compare',
  'pipeline/servers',
  'sandbox/self',
  'resources/laws-accounts',
  'resources/laws-debian',
  'connection/login-shells',
  'runbooks/runbooks',
];

/** Starts what takes longest first, whatever the size of its file. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
