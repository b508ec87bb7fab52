import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take minutes, the longest first: a worker that begins one last works alone on it while the other is idle.
 */
const long = [
  'monitoring/monitoring',
  'backend/backend',
  'resources/apt-cases',
  'resources/laws',
  'resources/services',
  'pipeline/pipeline',
  'pipeline/resources',
  'inventory/ansible-parity',
  'parity/semantics',
  'deployer/hosts',
  'rolling/rolling',
  'rolling/red-black',
  'package/package',
  'runbooks/as-code',
  'clusters/elasticsearch',
  'clusters/postgresql',
  'clusters/redis',
  'runbooks/clickhouse',
  'runbooks/move-and-copies',
  'incidents/ways-in',
  'cli/hold',
  'cli/fallback',
  'patch/patch',
  'backend/mistakes',
  'roles/certificates-and-logs',
  'roles/databases',
  'connection/become',
  'roles/monitoring',
  'roles/host',
  'resources/systemd-host',
  'sandbox/self',
  'resources/laws-accounts',
  'resources/laws-debian',
  'resources/moving',
  'connection/login-shells',
  'runbooks/runbooks',
  'truth/truth',
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
