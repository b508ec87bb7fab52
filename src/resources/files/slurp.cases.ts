import { predict } from '../../contract/index.ts';
import { content } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { slurp } from './slurp.ts';

const src = '/etc/machine-id';
const has = (bytes: string | Buffer): HostDescription => ({ paths: { [src]: { type: 'file', content: bytes } } });

export const cases = planCases(slurp, {
  'text': {
    options: { src },
    host: has('Grüße\n'),
    result: { content: 'R3LDvMOfZQo=', encoding: 'base64', text: 'Grüße\n' },
  },
  'an empty file': { options: { src }, host: has(''), result: { content: '', encoding: 'base64', text: '' } },
  'a link is followed': {
    options: { src },
    host: { paths: { [src]: { type: 'link', target: '/run/id' }, '/run/id': { type: 'file', content: 'x' } } },
    result: { content: 'eA==', encoding: 'base64', text: 'x' },
  },
  'planned content': {
    options: { src },
    behind: { planned: [predict(content(src), { bytes: Buffer.from('x') })] },
    result: { content: 'eA==', encoding: 'base64', text: 'x' },
  },
  'a link that leads nowhere': {
    options: { src },
    host: { paths: { [src]: { type: 'link', target: '/run/none' } } },
    fails: '/etc/machine-id does not exist',
  },
  'nothing there': { options: { src }, fails: '/etc/machine-id does not exist' },
  'what a command may make': {
    options: { src },
    behind: { command: true },
    may: '/etc/machine-id does not exist yet ("a command" runs before)',
  },
  'a directory': { options: { src: '/etc' }, fails: '/etc is not a regular file' },
  'a directory stays one, whatever runs before': {
    options: { src: '/etc' },
    behind: { command: true },
    fails: '/etc is not a regular file',
  },
  'more than 1 MiB': {
    options: { src },
    host: { ...has('x'), answers: [predict(content(src), { tooLarge: 2_000_000 })] },
    fails: '/etc/machine-id has 2000000 bytes, more than the 1 MiB that slurp reads',
    hint: 'To bring it here write fetch({ src, dest }).',
  },
});
