import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take minutes, the longest first: a worker that begins one last works alone on it while the other is idle.
 */
const long = [
  'backend/backend',
  'monitoring/monitoring',
  'resources/laws',
  'deployer/hosts',
  'pipeline/pipeline',
  'resources/laws-accounts',
  'resources/laws-debian',
  'resources/moving',
  'truth/truth',
  'cli/host-commands',
  'secrets/planted',
  'resources/systemd-host',
  'attack/hostile-hosts',
  'resources/services',
  'sandbox/self',
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
