/** Where the two hosts may differ, and why. */
interface KnownDifference {
  readonly what: RegExp;
  readonly why: string;
}

export const known: readonly KnownDifference[] = [
  {
    what: /^\w+: [+-] sysctl (fs\.(dentry|inode|file|quota|aio)|kernel\.(random|ns_last_pid|pty\.nr|hostname|sched|perf)|net\.netfilter|vm\.)/,
    why: 'counters, and what the machine has for all its hosts',
  },
  {
    what: /^\w+: [+-] unit (session-|user|run-|apt-daily|dpkg-db-backup|fstrim|e2scrub|systemd-(tmpfiles|random|journal|logind|user))/,
    why: 'what logins and clocks start',
  },
  { what: /^\w+: [+-] (file|content) \/var\/log\//, why: 'what is logged' },
  {
    what: /^\w+: [+-] (file|content) \/(etc\/(passwd|group|shadow|gshadow|subuid|subgid)-|etc\/\.pwd\.lock|etc\/ld\.so\.cache|etc\/machine-id)/,
    why: 'backups of the accounts programs, and caches',
  },
];

/** Those that no entry names. */
export const expectNamed = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !known.some(({ what }) => what.test(line)));
