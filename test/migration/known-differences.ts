/** Where the two hosts may differ, and why. */
interface KnownDifference {
  readonly what: RegExp;
  readonly why: string;
}

export const known: readonly KnownDifference[] = [
  {
    what: / sysctl (?:fs\.(?:dentry|inode|file|quota|aio)|kernel\.(?:random|ns_last_pid|pty\.nr|hostname|sched|perf)|net\.netfilter|net\.ipv4\.tcp_fastopen_key|vm\.)/,
    why: 'counters, random keys, and what the machine has for all its hosts',
  },
  {
    what: / unit (?:session-|user|run-|apt-daily|dpkg-db-backup|fstrim|e2scrub|systemd-(?:tmpfiles|random|journal|logind|user|oomd))/,
    why: 'what logins and clocks start',
  },
  { what: / (?:file|content) \/var\/log\//, why: 'what is logged' },
  {
    what: / (?:file|content) \/(?:etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-|etc\/\.pwd\.lock|etc\/ld\.so\.cache|etc\/machine-id|var\/lib\/dpkg\/|var\/lib\/logrotate\/status)/,
    why: 'backups, caches and times of programs',
  },
  {
    what: / (?:content \/etc\/(?:hostname|hosts|shadow|ssh\/ssh_host_\w+(?:\.pub)?)|content \/opt\/lumen\/hosts|shadow operator:) ?/,
    why: 'what each throwaway host has for itself',
  },
  {
    what: / (?:content \/etc\/(?:lumen\/ca\/|ssl\/|unbound\/unbound_)|content \/usr\/local\/share\/ca-certificates\/)/,
    why: 'keys are random, and what they sign',
  },
  { what: / (?:file|content) \/var\/lib\/postgresql\/15\//, why: 'databases are compared as such' },
  { what: / content \/var\/backups\/postgresql\/\w+\.\S+\.dump /, why: 'dumps have their time in them' },
  { what: / (?:file|content) \/var\/lib\/prometheus\/node-exporter\//, why: 'what is measured, and when' },
  { what: / content \/var\/lib\/unbound\/root\.key /, why: 'trust anchors have the time of the last look in them' },
  { what: / file \/etc\/ssl\/certs\/[0-9a-f]{8}\.0 l /, why: 'links are named by hashes of random certificates' },
  { what: / content \/var\/lib\/redis\/dump\.rdb /, why: 'it has the time of the last save in it' },
  { what: / content \/etc\/lumen-deployed /, why: 'each host adds its line when it gets there' },
  { what: / content \/etc\/lumen\/certs\/(?:key|cert)\.pem /, why: 'keys are random' },
  { what: / content \/var\/spool\/cron\/crontabs\//, why: 'crontab(1) notes the time at the top' },
  { what: / content \/etc\/sysctl\.d\/60-lumen\.conf /, why: 'play writes `key = value`, as sysctl(8) prints it' },
  {
    what: / (?:file|content) \/opt\/lumen\/tools\/\.git\//,
    why: 'what git keeps for itself: play fetches, Ansible clones',
  },
  {
    what: / file \/srv\/www\/\w+\/index\.html f 644 33:/,
    why: 'Ansible moves a new file into a set-group-ID folder, play makes it there: it has the group of the folder',
  },
  {
    what: / (?:manual (?:openssh-client|openssl)|content \/var\/lib\/apt\/extended_states)/,
    why: 'Ansible marks a package that is there already as installed by hand; play leaves the mark',
  },
];

/** Those that no entry names. */
export const expectNamed = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !known.some(({ what }) => what.test(line)));
