import { predict } from '../../contract/index.ts';
import { content } from '../../probes/index.ts';
import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { lineinfile } from './lineinfile.ts';

const path = '/etc/app.conf';
const has = (text: string | Buffer, more: { readonly flags?: string } = {}): HostDescription => ({
  paths: { [path]: { type: 'file', content: text, ...more } },
});
const edited = (text: string) => ({ changes: ['content'], writes: { [path]: text } });
const port = { path, line: 'port = 80' };
const byPattern = { ...port, regexp: '^#?port' };
const gone = { path, state: 'absent' } as const;

export const cases = planCases(lineinfile, {
  'a new line at the end': { options: port, host: has('a\n'), ...edited('a\nport = 80\n') },
  'there already, wherever it stands': { options: port, host: has('port = 80\na\n'), result: { path } },
  'a last line without its end gets one first': { options: port, host: has('a'), ...edited('a\nport = 80\n') },
  'a right last line without its end gets one': {
    options: port,
    host: has('a\nport = 80'),
    ...edited('a\nport = 80\n'),
  },
  'CR LF stays CR LF': { options: port, host: has('a\r\nb\r\n'), ...edited('a\r\nb\r\nport = 80\r\n') },
  'right already in a file with CR LF': { options: port, host: has('a\r\nport = 80\r\n') },
  'a mark at the begin stays': { options: port, host: has('\ufeffa\n'), ...edited('\ufeffa\nport = 80\n') },
  'bytes that are no letters stay': {
    options: { path, regexp: '^a', line: 'b' },
    host: has(Buffer.from('a\n\xff\xfe\n', 'latin1')),
    changes: ['content'],
  },
  'the last line that matches is replaced': {
    options: byPattern,
    host: has('#port = 1\nx\nport = 2\n'),
    ...edited('#port = 1\nx\nport = 80\n'),
  },
  'the first line that matches is replaced': {
    options: { ...byPattern, firstMatch: true },
    host: has('#port = 1\nx\nport = 2\n'),
    ...edited('port = 80\nx\nport = 2\n'),
  },
  'by characters that are no pattern': {
    options: { path, searchString: 'a.b*', line: 'new' },
    host: has('a.b* x\naxb\n'),
    ...edited('new\naxb\n'),
  },
  'where nothing matches the line is added': { options: byPattern, host: has('x\n'), ...edited('x\nport = 80\n') },
  'groups are put into the line': {
    options: { path, regexp: '^(\\s*)port.*', line: '\\1port = 80', backrefs: true },
    host: has('  port = 1\n'),
    ...edited('  port = 80\n'),
  },
  'without a match groups change nothing': {
    options: { path, regexp: '^(x)', line: '\\1y', backrefs: true },
    host: has('a\n'),
  },
  'a group that the pattern lacks': {
    options: { path, regexp: '^x', line: '\\1', backrefs: true },
    fails: 'lineinfile: `line`: there is no group 1 in the regular expression',
  },
  'behind the last line that matches': {
    options: { ...port, insertAfter: '^\\[' },
    host: has('[a]\n[b]\nx\n'),
    ...edited('[a]\n[b]\nport = 80\nx\n'),
  },
  'before the last line that matches': {
    options: { ...port, insertBefore: '^x' },
    host: has('x\nx\n'),
    ...edited('x\nport = 80\nx\n'),
  },
  'at the begin': { options: { ...port, insertBefore: 'BOF' }, host: has('a\n'), ...edited('port = 80\na\n') },
  'an anchor that is not there means the end': {
    options: { ...port, insertAfter: '^\\[none' },
    host: has('a\n'),
    ...edited('a\nport = 80\n'),
  },
  'all lines that match go': {
    options: { ...gone, regexp: '^#' },
    host: has('#a\nb\n#c\n'),
    ...edited('b\n'),
  },
  'a line goes by its text, whole': { options: { ...gone, line: 'b' }, host: has('a\nb\nbb\n'), ...edited('a\nbb\n') },
  'nothing to remove': { options: { ...gone, line: 'x' }, host: has('a\n') },
  'no file to remove it from': { options: { ...gone, line: 'x' }, result: { path } },
  'no file': {
    options: port,
    fails: '/etc/app.conf does not exist',
    hint: '`create: true` makes it.',
  },
  'a new file': {
    options: { ...port, create: true, mode: '0600' },
    changes: ['content new file', 'mode 0600'],
    writes: { [path]: 'port = 80\n' },
  },
  'a file that a command may make': {
    options: port,
    behind: { command: true },
    may: '/etc/app.conf does not exist yet ("a command" runs before)',
  },
  'planned content is what is edited': {
    options: port,
    host: has('old\n'),
    behind: { planned: [predict(content(path), { bytes: Buffer.from('port = 80\n') })] },
    changes: ['content'],
  },
  'a directory': { options: { ...port, path: '/etc' }, fails: '/etc is not a regular file' },
  'a link stays, and what it points to is edited': {
    options: { ...port, path: '/etc/link' },
    host: { paths: { '/etc/link': { type: 'link', target: 'app.conf' }, [path]: { type: 'file', content: 'a\n' } } },
    ...edited('a\nport = 80\n'),
    steps: ['write /etc/app.conf'],
  },
  'an immutable file': {
    options: port,
    host: has('a\n', { flags: 'i' }),
    fails: '/etc/app.conf is immutable; take that off first: chattr -i',
  },
  'the mode alone': { options: { ...port, mode: '0600' }, host: has('port = 80\n'), changes: ['mode 0644 -> 0600'] },
  'a secret is masked': {
    options: { path, line: new Secret('token=s3cret-s3cret') },
    host: has('a\n'),
    ...edited('a\ntoken=s3cret-s3cret\n'),
    masked: [path],
  },
  'quotes and dollars are taken as they are': {
    options: { path, regexp: '^x', line: `x='$1 $& "\\n'` },
    host: has('x\n'),
    ...edited(`x='$1 $& "\\n'\n`),
  },
  'a new line that its pattern does not find replaces every line': {
    options: { path, regexp: '^old', line: 'new' },
    host: has('old 1\nold 2\n'),
    ...edited('new\nnew\n'),
  },
  'more than one line': {
    options: { path, line: 'a\nb' },
    fails: 'lineinfile: `line` must be one line; for more there is blockinfile()',
  },
  'an empty pattern': {
    options: { ...port, regexp: '' },
    fails: "lineinfile: an empty `regexp` matches every line; if that is meant, write regexp: '^'",
  },
  'two ways to find it': {
    options: { ...byPattern, searchString: 'x' },
    fails: 'lineinfile: give `regexp` or `searchString`, not both',
  },
  'no line': { options: { path }, fails: 'lineinfile: `line` is missing: the line as it should be' },
});
