import { createHash } from 'node:crypto';
import { predict } from '../../contract/index.ts';
import { fact } from '../../probes/index.ts';
import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import type { DownloadAnswer } from './download.probe.ts';
import { getUrl } from './get-url.ts';

const url = 'https://example.org/dl/tool.bin';
const dest = '/opt/tool.bin';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const [good, bad] = [hashOf('good'), hashOf('bad')];
const short = (hash: string): string => hash.slice(0, 12);
const came: DownloadAnswer = { sha256: good, size: 4, digest: good, content: { bytes: Buffer.from('good') } };
const missing: DownloadAnswer = { error: 'The requested URL returned error: 404', wasRefused: true };
const has = (content: string, more: NonNullable<HostDescription['answersOfKind']> = {}): HostDescription => ({
  paths: { [dest]: { type: 'file', content } },
  answersOfKind: { downloadAhead: () => came, ...more },
});
// Asked to tell whether the host would download from itself.
const answers = [predict(fact('hostname'), 'web1'), predict(fact('ipv4Addresses'), ['10.0.0.2'])];
const list = { url, dest, checksum: 'sha256:https://example.org/dl/SHA256SUMS' };
const sums = (text: string) => ({ downloadText: () => ({ text }) });

export const cases = planCases(getUrl, {
  'a new file': {
    options: { url, dest },
    host: { answersOfKind: { downloadAhead: () => came } },
    changes: [`content absent -> downloaded from ${url}`],
    steps: [`download ${dest}`],
    result: { dest, url },
  },
  'one that is there is kept, whatever it holds': { options: { url, dest }, host: has('anything') },
  'the checksum is right already': { options: { url, dest, checksum: `sha256:${good}` }, host: has('good') },
  'the checksum in large letters': {
    options: { url, dest, checksum: `SHA256:${good.toUpperCase()}` },
    host: has('good'),
  },
  'another checksum': {
    options: { url, dest, checksum: `sha256:${good}` },
    host: has('bad'),
    changes: [`sha256 ${short(bad)} -> ${short(good)}`],
    steps: [`download ${dest}`],
  },
  'md5': {
    options: { url, dest, checksum: `md5:${createHash('md5').update('good').digest('hex')}` },
    host: has('good'),
  },
  'by a list of checksums': { options: list, host: has('good', sums(`${bad}  other\n${good} *tool.bin\n`)) },
  'by a list of checksums that has another': {
    options: list,
    host: has('bad', sums(`${good}  ./tool.bin\n`)),
    changes: [`sha256 ${short(bad)} -> ${short(good)}`],
  },
  'a list as BSD writes it': { options: list, host: has('good', sums(`SHA256 (tool.bin) = ${good}\n`)) },
  'a list of one digest alone': { options: list, host: has('good', sums(`${good}\n`)) },
  'a list that lacks it': {
    options: list,
    host: has('good', sums(`${good}  other.bin\n${bad}  another.bin\n`)),
    fails: `The list of checksums https://example.org/dl/SHA256SUMS has no sha256 for ${url}`,
    hint: 'The file is looked up there by the last part of its URL.',
  },
  'a list that cannot be fetched': {
    options: list,
    host: has('good', { downloadText: () => missing }),
    fails:
      'The list of checksums https://example.org/dl/SHA256SUMS cannot be fetched: The requested URL returned error: 404',
  },
  'fetched every time by force, and the same': {
    options: { url, dest, force: true },
    host: has('good', { download: () => came }),
  },
  'fetched every time by force, and another': {
    options: { url, dest, force: true },
    host: has('bad', { download: () => came }),
    changes: [`sha256 ${short(bad)} -> ${short(good)}`],
  },
  'check mode tells that it is not there': {
    options: { url, dest },
    host: { answersOfKind: { downloadAhead: () => missing }, answers },
    behind: {},
    changes: [`content absent -> downloaded from ${url}`],
    fails: `Could not download ${dest}`,
    hint: `${url}: The requested URL returned error: 404`,
  },
  'check mode tells that the checksum is another': {
    options: { url, dest, checksum: `sha256:${bad}` },
    host: { answersOfKind: { downloadAhead: () => came }, answers },
    behind: {},
    changes: [`content absent -> downloaded from ${url}`],
    fails: `Could not download ${dest}`,
    hint: `${url}: its sha256 is ${good}, not ${bad}`,
  },
  'the host asks itself, which may answer otherwise by then': {
    options: { url: 'http://web1/tool.bin', dest },
    host: { answersOfKind: { downloadAhead: () => missing }, answers },
    behind: {},
    changes: ['content absent -> downloaded from http://web1/tool.bin'],
    may: 'http://web1/tool.bin may answer otherwise by then ("a task" changes the host before); now: The requested URL returned error: 404',
  },
  'into a directory, by the last part of the address': {
    options: { url, dest: '/opt' },
    host: { answersOfKind: { downloadAhead: () => came } },
    changes: [`content absent -> downloaded from ${url}`],
    result: { dest, url },
  },
  'the mode alone': {
    options: { url, dest, mode: '0755' },
    host: has('good'),
    changes: ['mode 0644 -> 0755'],
    steps: [`set the permissions of ${dest}`],
  },
  'the folder is missing': {
    options: { url, dest: '/opt/x/tool.bin' },
    fails: 'the directory /opt/x does not exist',
    hint: "Make it first: file({ path: '/opt/x', state: 'directory' })",
  },
  'an owner that does not exist': {
    options: { url, dest, owner: 'app' },
    fails: 'there is no user app on this host',
    hint: "Make it first: user({ name: 'app' })",
  },
  'an immutable file': {
    options: { url, dest, checksum: `sha256:${good}` },
    host: { paths: { [dest]: { type: 'file', content: 'bad', flags: 'i' } } },
    fails: `${dest} is immutable; take that off first: chattr -i`,
  },
  'no other kind of address': {
    options: { url: 'ftp://example.org/x', dest },
    fails:
      'getUrl: option "url" is "ftp://example.org/x" (a string), but must be an http:// or https:// address without blanks',
  },
  'a checksum without its algorithm': {
    options: { url, dest, checksum: good },
    fails: 'getUrl: `checksum` does not begin with an algorithm and a colon: md5, sha1, sha224, sha256, sha384, sha512',
  },
  'a checksum that lost a digit': {
    options: { url, dest, checksum: `sha256:${good.slice(1)}` },
    fails:
      'getUrl: `checksum` has neither the 64 hexadecimal digits of sha256 nor an http:// or https:// address after the colon',
  },
  'a password without a name': {
    options: { url, dest, urlPassword: new Secret('s3cret-s3cret') },
    fails: 'getUrl: `urlUsername` and `urlPassword` go together',
  },
});
