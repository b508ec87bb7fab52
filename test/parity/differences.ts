/**
 * Where play differs from ansible-core 2.14 on purpose. docs/differences.md is this table; semantics.test.ts proves
 * each row.
 */
export interface Difference {
  readonly ansible: string;
  readonly play: string;
  readonly why: string;
}

export const differences = {
  'partly-failed-batch': {
    ansible:
      'With `serial`, the next batch starts even if part of a batch failed; the run ends only when a whole batch failed.',
    play: 'If any host of a batch fails, the run ends, unless `maxFailPercentage` allows it.',
    why: 'People update in batches in order to see a failure before it reaches the next one.',
  },
  'all-may-fail': {
    ansible: 'The run ends when a whole batch failed, even with `max_fail_percentage: 100`.',
    play: '`maxFailPercentage: 100` means what it says: the next batch starts.',
    why: 'With `serial: 1` there is no other way to say so.',
  },
  'run-once-is-once': {
    ansible: '`run_once` runs once in each batch of `serial`.',
    play: '`runOnce` runs once in the run, on the first host of the play that still can; later batches get its result.',
    why: 'A migration that must not run twice must not depend on `serial`.',
  },
  'run-once-failure-is-told': {
    ansible:
      'When a `run_once` task fails, all hosts leave the play, but the recap does not show the others as failed. Inside a block, a rescue then runs on all of them.',
    play: 'Every one of them is reported as failed, with the place; a rescue runs on each of them.',
    why: 'A host that did not get its part counts as failed, and `-l @failed` finds it.',
  },
  'rescued-handler': {
    ansible: 'A handler that fails while flushed inside a block is rescued, but it and the run count as failed.',
    play: 'It counts as rescued, like any task of the block.',
    why: 'A failure that was dealt with is no failure.',
  },
  'hosts-run-independently': {
    ansible:
      'All hosts finish a task before any host begins the next; `any_errors_fatal` and `max_fail_percentage` stop them all after the task that failed.',
    play: "Each host runs at its own pace (`strategy: 'free'`); the others are stopped wherever they are, between two exchanges, before or after that task. `strategy: 'linear'` is Ansible's way.",
    why: 'A slow host holds up nobody else. Where a task has to wait, say so: `serial`, `runOnce`, `delegateTo`, separate plays.',
  },
  'lost-in-flight': {
    ansible: 'Each task is sent separately, so when a connection is lost it is known what was done.',
    play: 'Neighbouring changes are sent together; when the connection is lost, what was in flight is reported as unknown. Nothing after a failure is carried out.',
    why: 'A handful of round trips instead of one or more per task. The host finishes what it was sent, and the next run finds it done.',
  },
  'listing-rescue-and-always': {
    ansible: '`--list-tasks` leaves out the tasks of `rescue` and `always`.',
    play: 'They are listed.',
    why: 'They may run, with these tags.',
  },
  'unknown-names': {
    ansible: 'A tag, host or group that does not exist selects nothing, or gives a warning.',
    play: 'It is an error that names the nearest match, before any host is touched. So is a `-l` that leaves no host.',
    why: 'A run that did nothing looks like one that went well.',
  },
  'owed-handlers': {
    ansible: 'Handlers notified before a failure or an interruption are forgotten.',
    play: 'They are recorded on the host before the change, and the next run of the play runs them.',
    why: 'A changed file whose service was never reloaded is the worst of both.',
  },
  'project-of-the-playbook': {
    ansible: 'Configuration, and the inventory and roles it names, are those of the working directory.',
    play: "A playbook's own project (inventory, config, roles) takes precedence; the working directory's project is used only for a playbook that is in none.",
    why: 'A playbook means the same hosts no matter where it is called from.',
  },
  'connects-first': {
    ansible:
      'A host is connected for its first task that is not skipped; tasks that need no connection run even on hosts that are down.',
    play: 'A host is connected when its play begins. With `ignoreUnreachable` it is tried once per play, not once per task.',
    why: 'The questions of all tasks go out in the first exchange.',
  },
  'exit-codes': {
    ansible: '4 for mistakes in a playbook, 2 when a `run_once` host was lost.',
    play: '1 for any mistake found before a host is touched; 4 when any host could not be reached.',
    why: 'A script can tell whether to fix the playbook or the network.',
  },
  'git-keeps-files': {
    ansible: '`git` without `force` overwrites untracked files in the way of the new commit.',
    play: 'It fails and names them, in check mode too; ignored files count as well. `force: true` overwrites them.',
    why: 'They belong to somebody, and no commit has them.',
  },
  'content-decides': {
    ansible:
      '`synchronize` and `unarchive` treat a file with a different time as different, and set times even if the content is right.',
    play: '`sync` and `unarchive` compare content. A file that is written gets the time of its source, or the current time if the file it replaces has that same time.',
    why: 'A fresh `git clone` has new times and nothing new in it; and a browser or Python, which recognise a file by size and time, must not keep using the old one.',
  },
  'unpacked-owners': {
    ansible: '`unarchive` as root gives files to the owners recorded in the archive.',
    play: "Unpacked files belong to the task's user, or to `owner` and `group`.",
    why: 'Names and numbers from the machine that packed the archive mean other accounts here.',
  },
  'members-of-one-name': {
    ansible: 'If stripping leading folders gives several members the same name, the last one wins.',
    play: 'That is an error, unless `exclude` leaves only one of them.',
    why: 'One of them would be lost silently.',
  },
  'sources-at-odds': {
    ansible:
      '`deb822_repository` and `apt_repository` write a source that contradicts another one for the same repository (`Signed-By`), and report a change.',
    play: '`aptRepository` refuses, names the other file and changes nothing. Check mode says so in advance, and also tests whether the lists can be downloaded and are signed by the key.',
    why: 'apt would then refuse to read any of its sources.',
  },
  'answers-and-owners': {
    ansible:
      '`debconf` accepts `vtype: error`, which debconf ignores, and takes the default of a question for its answer.',
    play: 'There is no type `error`; a default is not an answer; and a question already asked by another package gets this package as an additional owner.',
    why: 'The next version may have another default, and an answer is removed with the last package that owns it.',
  },
  'assembled-from-others': {
    ansible: '`assemble` treats its own result, links to it and its backups as fragments if they are in the folder.',
    play: 'They are left out.',
    why: 'Otherwise the file would grow with every run.',
  },
  'turned-links': {
    ansible: 'Modules that run as root follow any link on the way to a path and, with `follow`, at the path itself.',
    play: 'A link that another account could redirect is followed only to what that account owns. Otherwise the task fails, in check mode too; `follow: true` allows it.',
    why: 'Whoever owns a folder in which root works could make root write, give away or read anything on the host.',
  },
  'edits-keep-line-ends': {
    ansible:
      '`lineinfile` and `blockinfile` end added lines with LF, even in a file with CR LF, where a pattern with `$` does not match.',
    play: "Every edit uses the file's own line ends. A pattern that names a carriage return still sees it.",
    why: 'A single LF in a CR LF file trips up the program that reads it.',
  },
  'edits-are-stable': {
    ansible:
      '`lineinfile` may change a file again with every run: a line after the first anchor is added again, and of several matches one is replaced per run. An anchor on a last line without a line end is glued to the added line.',
    play: 'One run does what Ansible takes several runs for. An edit that would never settle is refused.',
    why: 'A second run changes nothing.',
  },
  'mode-beside-acl': {
    ansible:
      'On a file with an access control list the group digit of `mode` sets the mask, so `acl` after `copy` or `file` with a mode never settles.',
    play: "The mode also counts as right if the owning group has that digit's permissions; and a mode is set for both mask and owning group.",
    why: 'The mask has to be as wide as the list. Granting somebody an entry must not be undone by the mode in the next run.',
  },
  'capabilities-of-old-bytes': {
    ansible:
      'Newer releases carry over all extended attributes of a file they replace, including `security.capability`.',
    play: 'The access control list, label and attributes are carried over; capabilities are not.',
    why: 'The kernel drops capabilities when a program is written to: they were granted to the old bytes.',
  },
  'always-is-always': {
    ansible: "If a host is lost inside a block, or the run is interrupted, the block's `always` does not run there.",
    play: 'The host is connected again and it runs; after Ctrl-C it runs before the run ends. If that is impossible, the report says what was not done.',
    why: 'Whatever a block takes back at its end (shard allocation switched off, a host out of a pool) must not be left as it is.',
  },
  'written-in-place': {
    ansible:
      'A file that cannot be replaced by renaming (a bind mount, a file in an immutable folder) fails, unless `unsafe_writes` is set.',
    play: 'It is written in place, and both check mode and the run say so.',
    why: 'There is no other way, and in containers `/etc/hosts` is such a file.',
  },
  'checked-in-place': {
    ansible: '`validate` sees a temporary file under another name, and whatever it writes stays.',
    play: '`%s` is the final path: the checker runs with the new file in place, in a view of its own, and whatever it writes there is discarded. Where no such view is possible (not root, no mounts), the file is checked next to its place.',
    why: 'Part of a configuration is checked together with the whole, in check mode too.',
  },
  'foreign-home': {
    ansible:
      '`user` with `state: absent` and `remove` removes the user, leaves a home directory that belongs to somebody else, and then fails (userdel exits with 12).',
    play: 'The task fails before anything is done.',
    why: 'A failed task has not done half of its work, and check mode can predict it.',
  },
  'nothing-to-unlock': {
    ansible: '`password_lock: false` for a user without a password reports a change every time, and changes nothing.',
    play: 'The task fails: there is no password to unlock.',
    why: 'usermod refuses to leave an account open to everybody, with a warning nobody sees.',
  },
  'tools-in-hands-of-others': {
    ansible:
      "As root, `git` and `pip` work in folders no matter who owns them, and run the hooks, filters and programs that owner put there. What `user` removes or renumbers is reached by name through other users' folders.",
    play: 'The task fails and names the owner: run it with their rights (`becomeUser`).',
    why: "Otherwise the folder's owner would be root.",
  },
} as const satisfies Record<string, Difference>;

/** docs/differences.md. */
export function differencesPage(): string {
  const rows = Object.entries<Difference>(differences).map(
    ([id, { ansible, play, why }]) => `| ${id} | ${ansible} | ${play} | ${why} |`,
  );
  return [
    '# Where play differs from Ansible',
    '',
    'Compared with ansible-core 2.14 by `test/parity`, which has a case for each row. ' +
      '`npx vitest run test/parity -u` regenerates this page from `test/parity/differences.ts`.',
    '',
    '| | Ansible does | play does | why |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

export type DifferenceId = keyof typeof differences;
