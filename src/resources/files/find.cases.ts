import { predict, type PathState } from '../../contract/index.ts';
import { stat } from '../../probes/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { find, type FoundFile } from './find.ts';

const some = (content: string): PathEntry => ({ type: 'file', content });
const host: HostDescription = {
  paths: {
    '/srv/b.log': some('second line\nfail\n'),
    '/srv/a.log': some('ok\n'),
    '/srv/a b"c.txt': some(''),
    '/srv/.hidden.log': some('x'),
    '/srv/sub/deep/c.log': some('x'.repeat(2048)),
    '/srv/link.log': { type: 'link', target: 'a.log' },
  },
};
const root = { uid: 0, gid: 0, pwName: 'root', grName: 'root', atime: 0, mtime: 0, ctime: 0 };
const file = (path: string, size: number): FoundFile => ({ path, type: 'file', mode: '0644', size, ...root });
const [a, b] = [file('/srv/a.log', 3), file('/srv/b.log', 17)];
const [odd, c] = [file('/srv/a b"c.txt', 0), file('/srv/sub/deep/c.log', 2048)];
const paths = '/srv';
const planned: PathState = { type: 'link', mode: '0777', uid: 0, gid: 0, owner: 'root', group: 'root', size: 1 };
const found = (...files: FoundFile[]) => ({ files, matched: files.length, examined: 6 });
const deep = (...files: FoundFile[]) => ({ files, matched: files.length, examined: 8 });

export const cases = planCases(find, {
  'all files of a folder, in the order of their names': { options: { paths }, host, result: found(odd, a, b) },
  'by a pattern': { options: { paths, patterns: '*.log' }, host, result: found(a, b) },
  'one of several patterns is enough': {
    options: { paths, patterns: ['a.log', '*.txt'] },
    host,
    result: found(odd, a),
  },
  'a pattern fits the whole name': { options: { paths, patterns: 'log' }, host, result: found() },
  'a point in a pattern is a point': { options: { paths, patterns: 'a?log' }, host, result: found(a) },
  'a regular expression, from the begin on': {
    options: { paths, useRegex: true, patterns: '[ab]\\.' },
    host,
    result: found(a, b),
  },
  'a regular expression that is none': {
    options: { paths, useRegex: true, patterns: '(' },
    fails: 'find: "(" is not a regular expression',
  },
  'without what is excluded': { options: { paths, excludes: 'b*' }, host, result: found(odd, a) },
  'hidden ones too': {
    options: { paths, patterns: '*.log', hidden: true },
    host,
    result: found(file('/srv/.hidden.log', 1), a, b),
  },
  'all below': { options: { paths, patterns: '*.log', recurse: true }, host, result: deep(a, b, c) },
  'two levels': {
    options: { paths, patterns: '*.log', recurse: true, depth: 2 },
    host,
    result: { ...deep(a, b), examined: 7 },
  },
  'at least as large': { options: { paths, recurse: true, size: '2k' }, host, result: deep(c) },
  'at most as large': { options: { paths, recurse: true, size: '-3' }, host, result: deep(odd, a) },
  'a line that begins so': { options: { paths, contains: 'fa' }, host, result: found(b) },
  'a line is fitted from its begin': { options: { paths, contains: 'line' }, host, result: found() },
  'directories': {
    options: { paths, fileType: 'directory' },
    host,
    result: found({ path: '/srv/sub', type: 'directory', mode: '0755', size: 0, ...root }),
  },
  'a folder that is not there holds nothing': {
    options: { paths: '/nothing' },
    result: { files: [], matched: 0, examined: 0 },
  },
  'what is planned to take the place of a directory takes away what is in it': {
    options: { paths, patterns: 'c.log', recurse: true },
    host,
    behind: { planned: [predict(stat('/srv/sub'), planned)] },
    result: { files: [], matched: 0, examined: 6 },
  },
  'what is planned to go is not found': {
    options: { paths, patterns: '*.log' },
    host,
    behind: { planned: [predict(stat('/srv/a.log'), { type: 'absent' })] },
    result: { files: [b], matched: 1, examined: 5 },
  },
  'what a command makes may be found too': {
    options: { paths, patterns: '*.log' },
    host,
    behind: { command: true },
    isOpen: true,
  },
  'what is planned is known by its name': {
    options: { paths, patterns: 'new.log' },
    host,
    behind: { planned: [predict(stat('/srv/new.log'), { ...planned, type: 'file' })] },
    isOpen: false,
  },
  'how old a planned file will be is not known': {
    options: { paths, patterns: 'new.log', age: '1d' },
    host,
    behind: { planned: [predict(stat('/srv/new.log'), { ...planned, type: 'file' })] },
    isOpen: true,
  },
  'what a planned file will hold is not known': {
    options: { paths, patterns: '*.log', contains: 'ok' },
    host,
    behind: { planned: [predict(stat('/srv/new.log'), { ...planned, type: 'file' })] },
    isOpen: true,
  },
  'depth without recurse': {
    options: { paths, depth: 2 },
    fails: 'find: `depth` needs `recurse: true`',
  },
});
