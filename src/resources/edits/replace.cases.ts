import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { replace } from './replace.ts';

const path = '/etc/app.conf';
const has = (content: string): HostDescription => ({ paths: { [path]: { type: 'file', content } } });
const edited = (text: string) => ({ changes: ['content'], writes: { [path]: text } });

export const cases = planCases(replace, {
  'every match': { options: { path, regexp: 'old', replace: 'new' }, host: has('old old\n'), ...edited('new new\n') },
  'nothing matches': { options: { path, regexp: 'old', replace: 'new' }, host: has('new\n'), result: { path } },
  '^ and $ are of lines': {
    options: { path, regexp: '^a$', replace: 'b' },
    host: has('aa\na\n a\n'),
    ...edited('aa\nb\n a\n'),
  },
  'a match is removed': { options: { path, regexp: '^#.*\\n' }, host: has('#x\na\n#y\n'), ...edited('a\n') },
  'groups': {
    options: { path, regexp: '(?P<key>\\w+)=(\\w+)', replace: '\\2=\\g<key>' },
    host: has('a=b\n'),
    fails:
      '/etc/app.conf: every run would change the file again, since the edit finds what it made and changes it again; make what it looks for match only what should be changed, with `(?!...)` or `(?<!...)` in a regular expression',
  },
  'a group is kept': {
    options: { path, regexp: '^(port\\s*=\\s*).*$', replace: '\\g<1>80' },
    host: has('port = 1\n'),
    ...edited('port = 80\n'),
  },
  'a JavaScript pattern': {
    options: { path, regexp: /^Listen 80$/, replace: 'Listen 8080' },
    host: has('Listen 80\nListen 8000\n'),
    ...edited('Listen 8080\nListen 8000\n'),
  },
  'only behind a match': {
    options: { path, regexp: 'a', replace: 'b', after: '--\\n' },
    host: has('a\n--\na\n'),
    ...edited('a\n--\nb\n'),
  },
  '^ in `after` is the begin of the file, as in Ansible': {
    options: { path, regexp: 'a', replace: 'b', after: '^--' },
    host: has('a\n--\na\n'),
  },
  '(?m) makes it the begin of a line': {
    options: { path, regexp: 'a', replace: 'b', after: '(?m)^--' },
    host: has('a\n--\na\n'),
    ...edited('a\n--\nb\n'),
  },
  'only before a match': {
    options: { path, regexp: 'a', replace: 'b', before: '--' },
    host: has('a\n--\na\n'),
    ...edited('b\n--\na\n'),
  },
  'nothing is behind what is not there': {
    options: { path, regexp: 'a', replace: 'b', after: 'none' },
    host: has('a\n'),
  },
  'CR LF stays CR LF': {
    options: { path, regexp: '^a$', replace: 'b\\nc' },
    host: has('a\r\nx\r\n'),
    ...edited('b\r\nc\r\nx\r\n'),
  },
  'no end of the last line is added': {
    options: { path, regexp: 'a', replace: 'b' },
    host: has('a'),
    ...edited('b'),
  },
  'a dollar is one': { options: { path, regexp: 'a', replace: '$&$1' }, host: has('a\n'), ...edited('$&$1\n') },
  'a secret is masked': {
    options: { path, regexp: '^token=.*$', replace: new Secret('token=s3cret-s3cret') },
    host: has('token=\n'),
    ...edited('token=s3cret-s3cret\n'),
    masked: [path],
  },
  'no file': {
    options: { path, regexp: 'a' },
    fails: '/etc/app.conf does not exist',
    hint: 'Make it first, with copy() or template().',
  },
  'an empty pattern': {
    options: { path, regexp: '' },
    fails: 'replace: an empty `regexp` matches between all characters',
  },
  'a group that the pattern lacks': {
    options: { path, regexp: 'a', replace: '\\1' },
    fails: 'replace: `replace`: there is no group 1 in the regular expression',
  },
});
