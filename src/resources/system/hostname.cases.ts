import { predict } from '../../contract/index.ts';
import { content, fact } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { hostname } from './hostname.ts';

/** A host whose kernel has one name, and whose file may say another. */
const named = (running: string, file?: string): HostDescription => ({
  answers: [predict(fact('hostname'), running)],
  ...(file === undefined ? {} : { paths: { '/etc/hostname': { type: 'file', content: file } } }),
});
const db1 = { name: 'db1' };

export const cases = planCases(hostname, {
  'the file and the running name': {
    options: db1,
    host: named('debian', 'debian\n'),
    changes: ['hostname debian -> db1', 'running hostname debian -> db1'],
    steps: ['set the host name db1'],
    args: [['db1', 'yes', 'yes']],
    leaves: [predict(fact('hostname'), 'db1'), predict(content('/etc/hostname'), { bytes: Buffer.from('db1\n') })],
    result: db1,
  },
  'right already': { options: db1, host: named('db1', 'db1\n'), result: db1 },
  'right already, below a comment': { options: db1, host: named('db1', '# ours\n\ndb1\n') },
  'only the running name differs, as after hostname(1)': {
    options: db1,
    host: named('other', 'db1\n'),
    changes: ['running hostname other -> db1'],
    args: [['db1', '', 'yes']],
  },
  'only the file differs': {
    options: db1,
    host: named('db1', 'other\n'),
    changes: ['hostname other -> db1'],
    args: [['db1', 'yes', '']],
  },
  'no file yet': { options: db1, host: named('db1'), changes: ['hostname db1'] },
  'with a domain': {
    options: { name: 'db1.example.org' },
    host: named('db1', 'db1\n'),
    changes: ['hostname db1 -> db1.example.org', 'running hostname db1 -> db1.example.org'],
  },
  'an underscore is refused': {
    options: { name: 'db_1' },
    fails:
      'hostname: option "name" is "db_1" (a string), but must be a host name of at most 64 characters: ' +
      'letters, digits, hyphens and dots',
  },
  'behind a task that names it': {
    options: db1,
    host: named('debian', 'debian\n'),
    behind: { planned: [predict(fact('hostname'), 'db1')] },
    changes: ['hostname debian -> db1'],
  },
});
