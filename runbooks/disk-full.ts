import {
  assert,
  command,
  confirm,
  debug,
  defineRunbook,
  find,
  option,
  shell,
  v,
  type FoundFile,
  type RunContext,
} from 'play';

const folders = ['/var/crash', '/var/lib/systemd/coredump', '/var/lib/clickhouse/cores', '/usr/local/elasticsearch'];
const patterns = ['core', 'core.*', '*.core', '*.hprof', '*.crash', 'hs_err_pid*.log'];

/** In find(1), a path is a pattern. */
const literally = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&');

const listed = (files: readonly FoundFile[]): string =>
  files.map(({ path, size }) => `${Math.ceil(size / 2 ** 20)} MiB  ${path}`).join('\n');

/**
 * By find(1), which gets to each by its folder: a link that somebody puts in the way leads nowhere. And only what was
 * shown, whatever else has come since.
 */
function removing(paths: readonly string[]): string[] {
  const found = [...new Set(paths.map((path) => path.replace(/\/[^/]*$/, '')))];
  const one = paths.flatMap((path, i) => [...(i > 0 ? ['-o'] : []), '-path', literally(path)]);
  return ['find', ...found, '-xdev', '-type', 'f', '(', ...one, ')', '-print', '-delete'];
}

interface Wanted {
  readonly crash_folders: string[];
  readonly crash_patterns: string[];
  readonly crash_size: string;
}

const crashDumps = ({ crash_folders: paths, crash_patterns, crash_size: size }: Wanted) =>
  find({ paths, patterns: crash_patterns, size, recurse: true, hidden: true }, { name: 'look for crash dumps' });

/** Looks for what fills disks, and removes crash dumps. */
export default defineRunbook({
  title: 'A disk is full',
  description:
    'Shows how full the disks of the hosts are and what fills them, then removes crash dumps: each host that has some shows them, and removes just those once its name is typed. Give the hosts by `-l`.',
  vars: {
    crash_folders: option.list('Where programs leave crash dumps; what lies deeper counts too.', v.string(), folders),
    crash_patterns: option.list('Names of crash dumps, as shell patterns.', v.string(), patterns),
    crash_size: option.text(
      'The smallest that are removed.',
      '1m',
      v.regex(/^\d+[kmgt]?$/, 'must be a size such as 10m'),
    ),
    big_paths: option.integer('How many of the biggest files and folders are shown.', 20, v.minValue(1)),
    big_below: v.optional(option.path('Below which folder they are looked for. Default `/`.'), '/'),
  },
  steps: [
    {
      name: 'look',
      description: 'Other file systems below are not entered.',
      hosts: 'all',
      become: true,
      tasks: ({ vars }) => {
        const disks = command(
          { argv: ['df', '-hT', '--exclude-type=tmpfs'], changes: 'never' },
          { name: 'how full disks are' },
        );
        const big = shell(
          {
            // A file that goes away meanwhile is none.
            cmd: `du -axm --threshold=1M -- "$FOLDER" 2>/dev/null | sort -rn | head -n ${vars.big_paths}; :`,
            environment: { FOLDER: vars.big_below },
            changes: 'never',
          },
          { name: 'what fills them, in MiB' },
        );
        return [
          disks,
          debug({ msg: ({ results }) => results(disks).stdout }),
          big,
          debug({ msg: ({ results }) => results(big).stdout }),
        ];
      },
    },
    {
      name: 'remove crash dumps',
      description: 'Keep one that is still to be looked into: copy it away first.',
      hosts: 'all',
      become: true,
      irreversible: true,
      tasks: ({ vars, host }) => {
        const dumps = crashDumps(vars);
        const when = ({ results }: RunContext): boolean => results(dumps).matched > 0;
        return [
          dumps,
          debug({ msg: ({ results }) => listed(results(dumps).files) }, { name: 'crash dumps', when }),
          confirm(
            { prompt: `${host.name}: these crash dumps are removed, and cannot be brought back.`, answer: host.name },
            { when, runOnce: false },
          ),
          command(
            {
              argv: ({ results }) => removing(results(dumps).files.map(({ path }) => path)),
              changes: 'always',
            },
            { name: 'remove them', when },
          ),
        ];
      },
      after: ({ vars }) => {
        const left = crashDumps(vars);
        return [
          left,
          assert({
            that: ({ results }) => [
              { that: results(left).matched === 0, msg: `still there, or new:\n${listed(results(left).files)}` },
            ],
          }),
        ];
      },
    },
    {
      name: 'look again',
      hosts: 'all',
      tasks: () => {
        const disks = command(
          { argv: ['df', '-hT', '--exclude-type=tmpfs'], changes: 'never' },
          { name: 'how full disks are now' },
        );
        return [disks, debug({ msg: ({ results }) => results(disks).stdout })];
      },
    },
  ],
});
