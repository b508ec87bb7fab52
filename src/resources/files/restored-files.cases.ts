import { createHash } from 'node:crypto';
import type { FoldedFile, KeptState } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { restoredFiles } from './restored-files.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const root = { mode: '0644', uid: 0, gid: 0 } as const;
const file = (text: string, owner: Partial<Record<'mode', string>> = {}): KeptState => ({
  is: 'file',
  hash: hash(text),
  ...root,
  ...owner,
});
const absent: KeptState = { is: 'absent' };
const path = '/etc/app';
const folder = '/var/lib/play/backups/r1';
const kept = (before: KeptState, after: readonly KeptState[], secret = false, at = path): FoldedFile => ({
  file: { run: 'r1', number: 1, path: at, task: 'copy', secret, before, after: after[0] ?? absent },
  after,
});
const options = (one: FoldedFile, more: object = {}) => ({ folder, files: [one], force: false, ...more });
const host = (content: string): HostDescription => ({
  paths: {
    [path]: { type: 'file', content },
    [`${folder}/${hash('old\n')}`]: { type: 'file', content: 'old\n' },
  },
});
const old = kept(file('old\n'), [file('new\n')]);

export const cases = planCases(restoredFiles, {
  'what the run left is put back': {
    options: options(old),
    host: host('new\n'),
    changes: ['content of /etc/app'],
    steps: ['put back what was there before'],
    result: { restored: [path] },
  },
  'what is as before stays': { options: options(old), host: host('old\n'), steps: [], result: { restored: [] } },
  'what somebody changed since is named': {
    options: options(old),
    host: host('by hand\n'),
    fails: 'changed since that run: /etc/app',
    hint: 'Nothing was put back. Look at what others did there; --force-changed puts back over it, or leave files out with --only.',
  },
  'so is what got another mode by hand': {
    options: options(kept(file('old\n'), [file('new\n', { mode: '0600' })])),
    host: host('new\n'),
    fails: 'changed since that run: /etc/app',
    hint: 'Nothing was put back. Look at what others did there; --force-changed puts back over it, or leave files out with --only.',
  },
  'unless it is forced': {
    options: options(old, { force: true }),
    host: host('by hand\n'),
    changes: ['content of /etc/app'],
  },
  'a state on the way of the run is the run': {
    options: options(kept(file('old\n'), [file('half\n'), file('new\n')])),
    host: host('half\n'),
    changes: ['content of /etc/app'],
  },
  'a secret is not shown': {
    options: options(kept(file('old\n'), [file('new\n')], true)),
    host: host('new\n'),
    changes: ['content of /etc/app'],
    masked: [path],
  },
  'the mode alone': {
    options: options(kept(file('old\n', { mode: '0600' }), [file('old\n')])),
    host: host('old\n'),
    changes: ['mode of /etc/app 0644 -> 0600'],
  },
  'a file that the run made goes': {
    options: options(kept(absent, [file('new\n')])),
    host: host('new\n'),
    changes: ['/etc/app file -> absent'],
  },
  'a file that the run removed comes back': {
    options: options(old.file.before.is === 'file' ? kept(old.file.before, [absent]) : old),
    host: { paths: { [`${folder}/${hash('old\n')}`]: { type: 'file', content: 'old\n' } } },
    changes: ['content of /etc/app'],
  },
  'a link': {
    options: options(kept({ is: 'link', target: 'a' }, [{ is: 'link', target: 'b' }])),
    host: { paths: { [path]: { type: 'link', target: 'b' } } },
    changes: ['/etc/app link -> link to a'],
  },
  'a folder that others have filled since stays': {
    options: options(kept(absent, [{ is: 'directory', ...root, mode: '0755' }])),
    host: { paths: { [path]: { type: 'directory' }, [`${path}/theirs`]: { type: 'file', content: 'x' } } },
    result: { restored: [] },
  },
  'what is not kept is told': {
    options: options(kept({ is: 'lost', why: 'it is too large to be kept' }, [file('new\n')]), {
      notUndone: ['install app (apt)'],
    }),
    host: host('new\n'),
    message: 'not put back: /etc/app: it is too large to be kept\nnot undone: install app (apt)',
  },
});
