import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { blockinfile } from './blockinfile.ts';

const path = '/etc/hosts';
const has = (content: string): HostDescription => ({ paths: { [path]: { type: 'file', content } } });
const edited = (text: string) => ({ changes: ['content'], writes: { [path]: text } });
const [begin, end] = ['# BEGIN ANSIBLE MANAGED BLOCK\n', '# END ANSIBLE MANAGED BLOCK\n'];
const hosts = { path, block: '10.0.0.5 db' };
const block = `${begin}10.0.0.5 db\n${end}`;

export const cases = planCases(blockinfile, {
  'a new block at the end': { options: hosts, host: has('a\n'), ...edited(`a\n${block}`) },
  'right already': { options: hosts, host: has(`a\n${block}b\n`), result: { path } },
  'a block is changed where it stands': {
    options: { path, block: 'x\ny\n' },
    host: has(`a\n${block}b\n`),
    ...edited(`a\n${begin}x\ny\n${end}b\n`),
  },
  'a last line without its end': { options: hosts, host: has('a'), ...edited(`a\n${block}`) },
  'CR LF stays CR LF': {
    options: hosts,
    host: has('a\r\n'),
    ...edited(`a\r\n${block.replaceAll('\n', '\r\n')}`),
  },
  'markers of its own': {
    options: { ...hosts, marker: '<!-- {mark} app -->', markerBegin: 'from', markerEnd: 'to' },
    host: has('a\n'),
    ...edited('a\n<!-- from app -->\n10.0.0.5 db\n<!-- to app -->\n'),
  },
  'two blocks by markers of their own': {
    options: { ...hosts, marker: '# {mark} app' },
    host: has(block),
    ...edited(`${block}# BEGIN app\n10.0.0.5 db\n# END app\n`),
  },
  'the block goes with its markers': {
    options: { path, state: 'absent' },
    host: has(`a\n${block}b\n`),
    ...edited('a\nb\n'),
  },
  'an empty block is no block': { options: { path, block: '' }, host: has(`a\n${block}`), ...edited('a\n') },
  'nothing to remove': { options: { path, state: 'absent' }, host: has('a\n') },
  'no file to remove it from': { options: { path, state: 'absent' } },
  'behind the last line that matches': {
    options: { ...hosts, insertAfter: '^a' },
    host: has('a\na\nb\n'),
    ...edited(`a\na\n${block}b\n`),
  },
  'at the begin': { options: { ...hosts, insertBefore: 'BOF' }, host: has('a\n'), ...edited(`${block}a\n`) },
  'a begin that lost its end is no block': {
    options: hosts,
    host: has(`${begin}lost\n`),
    ...edited(`${begin}lost\n${block}`),
  },
  'no file': { options: hosts, fails: '/etc/hosts does not exist', hint: '`create: true` makes it.' },
  'a new file': {
    options: { ...hosts, create: true },
    changes: ['content new file'],
    writes: { [path]: block },
  },
  'a secret is masked': {
    options: { path, block: new Secret('s3cret-s3cret') },
    host: has(''),
    ...edited(`${begin}s3cret-s3cret\n${end}`),
    masked: [path],
  },
  'a marker without a mark': {
    options: { ...hosts, marker: '# app' },
    fails: 'blockinfile: option "marker" is "# app" (a string), but must hold {mark}, so that begin and end differ',
  },
  'begin and end alike': {
    options: { ...hosts, markerBegin: 'x', markerEnd: 'x' },
    fails: 'blockinfile: `markerBegin` and `markerEnd` must differ',
  },
});
