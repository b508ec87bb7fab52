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
      'With `serial`, the next batch begins when part of a batch failed; only a batch that failed whole ends the run.',
    play: 'A batch of which any host failed ends the run, unless `maxFailPercentage` allows it.',
    why: 'Who updates in batches wants to see a failure before it has reached the next ones.',
  },
  'all-may-fail': {
    ansible: 'A batch that failed whole ends the run, also with `max_fail_percentage: 100`.',
    play: '`maxFailPercentage: 100` means what it says: the next batch begins.',
    why: 'With `serial: 1` there is no other way to say so.',
  },
  'run-once-is-once': {
    ansible: '`run_once` runs once in each batch of `serial`.',
    play: '`runOnce` runs once in the run, on the first host of the play that still can; later batches have its result.',
    why: 'A migration that must not run twice must not depend on `serial`.',
  },
  'run-once-failure-is-told': {
    ansible:
      'When a `run_once` task fails, all hosts leave the play; the recap is silent about the others. In a block, a rescue then runs on all of them.',
    play: 'Each of them is told to have failed, and where; a rescue runs on each of them.',
    why: 'A host that did not get what it was to get shows as failed, and `-l @failed` finds it.',
  },
  'rescued-handler': {
    ansible: 'A handler that fails while flushed inside a block is rescued, but counts as failed; so does the run.',
    play: 'It counts as rescued, as any task of the block.',
    why: 'What was made good is no failure.',
  },
  'hosts-run-independently': {
    ansible:
      'All hosts finish a task before any begins the next; `any_errors_fatal` and `max_fail_percentage` stop them all after the task that failed.',
    play: "Each host runs at its own pace (`strategy: 'free'`); the others are stopped where they are, between two exchanges, before or behind that task. `strategy: 'linear'` is Ansible's way.",
    why: 'A slow host holds up nobody. What a task must wait for is said: `serial`, `runOnce`, `delegateTo`, plays.',
  },
  'lost-in-flight': {
    ansible: 'Each task is sent by itself, so what was done before a connection is lost is known.',
    play: 'Neighbouring changes travel together; when the connection is lost, what was in flight is reported as not known. Nothing behind a failure is carried out.',
    why: 'A handful of round trips in place of one or more a task. The host finishes what it was sent, and the next run finds it right.',
  },
  'listing-rescue-and-always': {
    ansible: '`--list-tasks` leaves out the tasks of `rescue` and `always`.',
    play: 'It lists them.',
    why: 'They may run, with these tags.',
  },
  'unknown-names': {
    ansible: 'A tag, host or group that nothing is called chooses nothing, or warns.',
    play: 'It is an error that names the nearest, before any host is touched. So is `-l` that leaves no host.',
    why: 'A run that did nothing looks like one that went well.',
  },
  'owed-handlers': {
    ansible: 'Handlers notified before a failure or an interruption are forgotten.',
    play: 'They are recorded on the host before the change, and the next run of the play pays them.',
    why: 'A changed file whose service was never reloaded is the worst of both.',
  },
  'project-of-the-playbook': {
    ansible: 'Configuration, and the inventory and roles it names, are those of the working directory.',
    play: "A playbook's own project (inventory, config, roles) counts before the working directory, whose project is only for a playbook that lies in none.",
    why: 'A playbook means the same hosts wherever it is called from.',
  },
  'connects-first': {
    ansible:
      'A host is connected for its first task that is not skipped; tasks that need no connection run on hosts that are gone.',
    play: 'A host is connected when its play begins. With `ignoreUnreachable` it is tried once a play, not once a task.',
    why: 'All questions of all tasks go out in the first exchange.',
  },
  'exit-codes': {
    ansible: '4 for mistakes in a playbook, 2 when a `run_once` host was lost.',
    play: '1 for any mistake found before a host is touched; 4 when any host could not be reached.',
    why: 'A script can tell what is to be fixed: the playbook, or the network.',
  },
  'git-keeps-files': {
    ansible: '`git` without `force` overwrites untracked files that stand where the new commit brings some.',
    play: 'It fails and names them, in check mode too; ignored ones count.',
    why: "They are somebody's, and no commit has them. `force: true` overwrites them.",
  },
  'content-decides': {
    ansible:
      '`synchronize` and `unarchive` take a file of another time for another file, and set times also where the content is right.',
    play: '`sync` and `unarchive` compare content. A file that is written gets the time of its source; where the file it replaces has that very time, the time of now.',
    why: 'A fresh `git clone` has new times and nothing new in it; and a browser or Python that knows a file by size and time must not keep the old one.',
  },
  'unpacked-owners': {
    ansible: '`unarchive` as root gives files to the owners that stand in the archive.',
    play: 'What is unpacked belongs to the user of the task, or to `owner` and `group`.',
    why: 'Names and numbers of the machine that packed it mean other accounts here.',
  },
  'members-of-one-name': {
    ansible: 'Where leading folders are taken off, the last of the members that come to one name is what is there.',
    play: 'That is an error, unless `exclude` leaves one of them.',
    why: 'One of them would be lost without a word.',
  },
  'sources-at-odds': {
    ansible:
      '`deb822_repository` and `apt_repository` put a source in place that says otherwise of a repository than another one (`Signed-By`), and report a change.',
    play: '`aptRepository` refuses it, names the other file and changes nothing; check mode says so, and tries whether the lists can be fetched and are signed by the key.',
    why: 'apt then reads none of its sources any more.',
  },
  'answers-and-owners': {
    ansible: '`debconf` takes `vtype: error`, which debconf passes over, and the default of a question for its answer.',
    play: 'There is no type `error`; a default is no answer; a question that another package asked gets this one as its owner, too.',
    why: 'The default is another one with the next version, and an answer goes with the last package it was given for.',
  },
  'assembled-from-others': {
    ansible: '`assemble` takes its own result, links to it and its backups for fragments where they lie among them.',
    play: 'They are left out.',
    why: 'The file would grow with every run.',
  },
  'turned-links': {
    ansible: 'Modules that run as root follow any link on the way to a path and, with `follow`, in its place.',
    play: 'A link that another account could turn is followed only to what is of that account. Else the task fails, in check mode too; `follow: true` lifts it.',
    why: 'Who owns a folder in which root works could have root write, give away or read anything on the host.',
  },
  'edits-keep-line-ends': {
    ansible:
      '`lineinfile` and `blockinfile` end what they add in LF, also in a file whose lines end in CR LF, and a pattern with `$` does not match there.',
    play: 'Every edit ends its lines as the file does. A pattern that names a carriage return sees it.',
    why: 'One LF in a CR LF file is what the program that reads it stumbles over.',
  },
  'edits-are-stable': {
    ansible:
      '`lineinfile` may change a file again with every run: a line behind the first anchor is added anew, of several matches one is replaced a run. An anchor on a last line without end is glued to what is added.',
    play: 'One run makes what Ansible comes to in several. An edit that would never come to an end is refused.',
    why: 'A second run changes nothing.',
  },
  'mode-beside-acl': {
    ansible:
      'Beside an access control list the group digit of `mode` is taken for the mask, so that `acl` behind `copy` or `file` with a mode never settles.',
    play: 'The mode is right, too, where the owning group has what that digit says; and a mode that is set is set for mask and owning group.',
    why: 'The mask has to be as wide as the list; who gives somebody an entry does not take it back by the mode of the next run.',
  },
  'capabilities-of-old-bytes': {
    ansible:
      'Newer releases have a file that is replaced hand on all extended attributes, `security.capability` among them.',
    play: 'List, label and attributes are handed on; capabilities are not.',
    why: 'The kernel drops them when a program is written to: they were given to the old bytes.',
  },
  'always-is-always': {
    ansible:
      'When a host is lost inside a block, or the run is interrupted, what the block does `always` is not done there.',
    play: 'The host is connected anew and it is done; after Ctrl-C it is done before the run ends. Where it cannot be, what was not done is named.',
    why: 'What a block takes back (an allocation turned off, a host taken out of a pool) must not be left standing.',
  },
  'written-in-place': {
    ansible:
      'What cannot be renamed over (a bind mount, a file in an immutable folder) fails, unless `unsafe_writes` is set.',
    play: 'It is written in place, which check mode and the run both say.',
    why: 'There is no other way, and a container has its `/etc/hosts` so.',
  },
  'checked-in-place': {
    ansible: '`validate` sees a temporary file under a name of its own, and what it writes stays.',
    play: '`%s` is the path where the file will be: the checker runs where the new file is in place, alone sees it, and what it writes there is thrown away. Who may not have such a view (not root, no mounts) has it beside its place.',
    why: 'A part of a configuration is checked with the whole, as check mode does it.',
  },
  'foreign-home': {
    ansible:
      "`user` with `state: absent` and `remove` removes the user, leaves a home directory that is somebody else's, and then fails (userdel ends with 12).",
    play: 'The task fails before anything is done.',
    why: 'A task that failed has not done half of it, and check mode can tell.',
  },
  'nothing-to-unlock': {
    ansible: '`password_lock: false` for a user without a password is changed every time, and changes nothing.',
    play: 'The task fails: there is no password to unlock.',
    why: 'usermod refuses to leave an account open to everybody, with a warning nobody sees.',
  },
  'tools-in-hands-of-others': {
    ansible:
      'As root `git` and `pip` run in folders whoever owns them, and with them hooks, filters and programs that the owner put there; what `user` removes, or gives another number, is worked on by its name below folders of others too.',
    play: 'The task fails and says whose it is: work with their rights (`becomeUser`).',
    why: 'Who owns the folder would be root.',
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
    'Held against ansible-core 2.14 by `test/parity`, which proves the rows with a case and finds no others in its table. ' +
      '`npx vitest run test/parity -u` writes this page anew from `test/parity/differences.ts`.',
    '',
    '| | Ansible does | play does | why |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

export type DifferenceId = keyof typeof differences;
