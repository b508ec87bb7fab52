import { assert, command, shell, type Task } from 'play';
import { quoted } from '../kit/quoted.ts';

const mounted = (mount: string) =>
  command(
    { argv: ['findmnt', '--noheadings', '--output', 'FSTYPE,SOURCE', '--mountpoint', mount], changes: 'never' },
    { name: `what is mounted on ${mount}` },
  );

/** Each with the word it has for nothing to do. */
const growing: readonly {
  readonly types: RegExp;
  readonly argv: (mount: string, source: string) => string[];
  readonly idle: RegExp;
}[] = [
  { types: /^ext[234]$/, argv: (_, source) => ['resize2fs', source], idle: /Nothing to do/ },
  { types: /^xfs$/, argv: (mount) => ['xfs_growfs', '-d', mount], idle: /size unchanged/ },
];

/** To the size of what it lies on, while it is mounted. */
export function growFileSystem(mount: string): Task[] {
  const at = mounted(mount);
  const found = (stdout: string): { readonly type: string; readonly source: string } => {
    const [type = '', source = ''] = stdout.split(/\s+/);
    return { type, source };
  };
  return [
    at,
    assert(
      {
        that: ({ results }) => growing.some(({ types }) => types.test(found(results(at).stdout).type)),
        failMsg: ({ results }) => `${mount} is ${found(results(at).stdout).type}; this grows ext4 and xfs`,
      },
      { name: `${mount} is a file system that grows` },
    ),
    ...growing.map(({ types, argv, idle }) =>
      command(
        { argv: ({ results }) => argv(mount, found(results(at).stdout).source), changes: 'always' },
        {
          name: `grow ${mount}`,
          when: ({ results }) => types.test(found(results(at).stdout).type),
          changedWhen: ({ result }) => !idle.test(`${result.stdout}${result.stderr}`),
        },
      ),
    ),
  ];
}

/** What a file system has for itself (tables of inodes, a journal) does not count as its size. */
export function fills(mount: string): Task[] {
  const path = quoted(mount);
  const sizes = shell(
    {
      cmd: `blockdev --getsize64 "$(findmnt --noheadings --output SOURCE --mountpoint ${path})"; df --block-size=1 --output=size -- ${path} | tail -n 1`,
      changes: 'always',
    },
    { name: `the sizes of ${mount} and its disk`, changedWhen: false },
  );
  return [
    sizes,
    assert(
      {
        that: ({ results }) => {
          const [disk = 0, fileSystem = 0] = results(sizes).stdoutLines.map(Number);
          return fileSystem >= disk * 0.8;
        },
        failMsg: ({ results }) =>
          `bytes of the disk, and of the file system on it: ${results(sizes).stdoutLines.join(', ')}`,
      },
      { name: `${mount} is as large as its disk` },
    ),
  ];
}
