import { dirname } from 'node:path';
import { predict } from '../../contract/index.ts';
import { criticalFile, user } from '../../probes/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { cron } from './cron.ts';
import { crontab, type Crontab } from './crontab.probe.ts';

/** Root's table (empty: none). */
const table = (text: string): HostDescription => ({
  answers: [predict(crontab('root'), { bytes: Buffer.from(text) })],
});
const noCron: Crontab = { missing: 'crontab' };
const without: HostDescription = { answers: [predict(crontab('root'), noCron)] };
const file = '/etc/cron.d/backup';
const having = (content?: string): HostDescription => ({
  paths: {
    '/etc/cron.d': { type: 'directory' },
    ...(content === undefined ? {} : { [file]: { type: 'file', content } }),
  },
});
const backup = { name: 'backup', job: '/usr/local/bin/backup', hour: '3', minute: '15' };
const line = '#Ansible: backup\n15 3 * * * /usr/local/bin/backup\n';
const told = 'crontab of root';
const record = criticalFile('cron root backup');

export const cases = planCases(cron, {
  'the first job of a table': {
    options: backup,
    host: table(''),
    changes: ['content new table'],
    writes: { [told]: line },
    steps: [`write the ${told}`],
    result: { path: told },
  },
  'right already, also as Ansible made it': { options: backup, host: table(line), result: { path: told } },
  'another time': {
    options: { ...backup, hour: '4' },
    host: table(`MAILTO=ops\n${line}0 0 * * * other\n`),
    changes: ['content'],
    writes: { [told]: 'MAILTO=ops\n#Ansible: backup\n15 4 * * * /usr/local/bin/backup\n0 0 * * * other\n' },
  },
  'the very job, written by hand, gets its name': {
    options: backup,
    host: table('15 3 * * * /usr/local/bin/backup\n'),
    changes: ['content'],
    writes: { [told]: line },
  },
  'a time by its name': {
    options: { name: 'backup', job: 'x', specialTime: 'daily' },
    host: table(''),
    changes: ['content new table'],
    writes: { [told]: '#Ansible: backup\n@daily x\n' },
  },
  'commented out': {
    options: { ...backup, disabled: true },
    host: table(line),
    changes: ['content'],
    writes: { [told]: '#Ansible: backup\n#15 3 * * * /usr/local/bin/backup\n' },
  },
  'removed': {
    options: { name: 'backup', state: 'absent' },
    host: table(`0 0 * * * other\n${line}`),
    changes: ['content'],
    writes: { [told]: '0 0 * * * other\n' },
  },
  'removed already': { options: { name: 'backup', state: 'absent' }, host: table('0 0 * * * other\n') },
  'of another user': {
    options: { ...backup, user: 'app' },
    host: { users: [{ name: 'app', uid: 1000 }], answers: [predict(crontab('app'), { bytes: Buffer.alloc(0) })] },
    changes: ['content new table'],
    args: [['app']],
    stdin: [line],
  },
  'a user who is not there': {
    options: { ...backup, user: 'app' },
    fails: 'there is no user app on this host',
    hint: "Make it first: user({ name: 'app' })",
  },
  'nothing to remove for a user who is not there': { options: { name: 'backup', state: 'absent', user: 'app' } },
  'a user who is planned': {
    options: { ...backup, user: 'app' },
    host: { answers: [predict(crontab('app'), { bytes: Buffer.alloc(0) })] },
    behind: {
      planned: [
        predict(user('app'), {
          name: 'app',
          uid: 1000,
          gid: 1000,
          group: 'app',
          comment: '',
          home: '/home/app',
          shell: '/bin/sh',
          groups: [],
        }),
      ],
    },
    changes: ['content new table'],
  },
  'cron is missing': {
    options: backup,
    host: without,
    fails: 'crontab is not installed',
    hint: "Install it first: apt({ name: 'cron' })",
  },
  'cron may come with a command': {
    options: backup,
    host: without,
    behind: { command: true },
    may: 'crontab is not installed yet ("a command" runs before)',
  },
  'cron is planned': {
    options: backup,
    host: { ...without, paths: { '/usr/bin/crontab': { type: 'file', content: '' } } },
    behind: {},
    changes: ['content new table'],
  },
  'nothing to remove where cron is missing': { options: { name: 'backup', state: 'absent' }, host: without },
  'a secret in the command': {
    options: { name: 'ping', job: secret`curl -H 'X: ${'s3cr3t-t0ken'}' http://localhost`, minute: 5 },
    host: table(''),
    changes: ['content new table'],
    stdin: [`#Ansible: ping\n5 * * * * curl -H 'X: s3cr3t-t0ken' http://localhost\n`],
  },
  'a file of its own in cron.d': {
    options: { ...backup, user: 'root', cronFile: 'backup' },
    host: having(),
    changes: ['content new file'],
    writes: { [file]: '#Ansible: backup\n15 3 * * * root /usr/local/bin/backup\n' },
    result: { path: file },
  },
  'its last line takes the file along': {
    options: { name: 'backup', state: 'absent', cronFile: 'backup' },
    host: having('#Ansible: backup\n15 3 * * * root /usr/local/bin/backup\n'),
    changes: ['state file -> absent'],
    steps: [`remove ${file}`],
  },
  'a file with other lines stays': {
    options: { name: 'backup', state: 'absent', cronFile: 'backup' },
    host: having('MAILTO=ops\n#Ansible: backup\n15 3 * * * root /usr/local/bin/backup\n'),
    changes: ['content'],
    writes: { [file]: 'MAILTO=ops\n' },
  },
  'an empty file of somebody else stays': {
    options: { name: 'backup', state: 'absent', cronFile: 'backup' },
    host: having(''),
  },
  'a variable goes to the top': {
    options: { name: 'MAILTO', env: true, job: 'ops@example.org' },
    host: table(line),
    changes: ['content'],
    writes: { [told]: `MAILTO="ops@example.org"\n${line}` },
  },
  'a variable behind one that is not there': {
    options: { name: 'MAILTO', env: true, job: 'ops', insertAfter: 'PATH' },
    host: table(line),
    fails: 'crontab of root: there is no variable PATH to put MAILTO after',
  },
  'an hour that is none': {
    options: { ...backup, hour: 24 },
    fails: 'cron: option "hour" is 24 (a number), but must be written as in crontab(5): "24" is not from 0 to 23',
  },
  'a file name cron would pass over': {
    options: { ...backup, user: 'root', cronFile: 'backup.cron' },
    fails:
      'cron: option "cronFile" is "backup.cron" (a string), but must be a name of letters, digits, "_" and "-", ' +
      'because cron ignores other files, or an absolute path',
  },
  'a file without a user': {
    options: { ...backup, cronFile: 'backup' },
    fails: 'cron: `cronFile` needs `user`: as whom the job runs',
  },
  'two times': {
    options: { ...backup, specialTime: 'daily' },
    fails: 'cron: give `specialTime` or the five fields, not both',
  },
  'the old table of a user cannot be kept': {
    options: { ...backup, backup: true },
    fails: 'cron: `backup` needs `cronFile`',
  },
  'the table of the system': {
    options: { ...backup, user: 'root', cronFile: '/etc/crontab' },
    fails: 'cron: /etc/crontab belongs to the system; take a name for a file in /etc/cron.d',
  },
  'a job whose miss loses data': {
    options: { ...backup, critical: { loses: 'a day', within: 3600 } },
    host: { ...table(line), paths: { '/var/lib': { type: 'directory' } } },
    changes: ['critical loses a day'],
    steps: ['make the directory /var/lib/play', `make the directory ${dirname(record)}`, `write ${record}`],
  },
  'is on record already': {
    options: { ...backup, critical: { loses: 'a day', within: 3600, before: 0, after: 60 } },
    host: {
      ...table(line),
      paths: {
        '/var/lib/play': { type: 'directory' },
        '/var/lib/play/critical': { type: 'directory' },
        [record]: {
          type: 'file',
          content: '- {"name":"backup","cron":"15 3 * * *","loses":"a day","within":3600,"before":0,"after":60}\n',
        },
      },
    },
  },
  'is not critical any more': {
    options: { ...backup, critical: false },
    host: { ...table(line), paths: { [record]: { type: 'file', content: '- {}\n' } } },
    changes: ['critical no more'],
  },
  'goes, and its record with it': {
    options: { name: 'backup', state: 'absent' },
    host: { ...table(line), paths: { [record]: { type: 'file', content: '- {}\n' } } },
    changes: ['critical no more', 'content'],
  },
  'a boot has no time to keep clear of': {
    options: { name: 'backup', job: 'x', specialTime: 'reboot', critical: { loses: 'a day', within: 60 } },
    fails: 'cron: `critical` needs a time: it is unknown when the next boot is',
  },
  'a variable loses no data': {
    options: { name: 'MAILTO', env: true, job: 'ops', critical: false },
    fails: 'cron: `critical` needs a job',
  },
  'a job of two lines': { options: { name: 'backup', job: 'a\nb' }, fails: 'cron: `job` must be one line' },
});
