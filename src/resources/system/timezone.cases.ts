import { planCases, type HostDescription } from '../../testing/index.ts';
import { timezone } from './timezone.ts';

const zoned = (target: string, name?: string): HostDescription => ({
  paths: {
    '/usr/share/zoneinfo/Europe/Berlin': { type: 'file', content: 'TZif' },
    '/etc/localtime': { type: 'link', target },
    ...(name === undefined ? {} : { '/etc/timezone': { type: 'file', content: `${name}\n` } }),
  },
});
const berlin = { name: 'Europe/Berlin' };

export const cases = planCases(timezone, {
  'a link and the name beside it': {
    options: berlin,
    host: zoned('/usr/share/zoneinfo/Etc/UTC', 'Etc/UTC'),
    changes: ['link /usr/share/zoneinfo/Etc/UTC -> /usr/share/zoneinfo/Europe/Berlin', 'content'],
    writes: { '/etc/timezone': 'Europe/Berlin\n' },
    steps: ['link /etc/localtime', 'write /etc/timezone'],
    result: berlin,
  },
  'right already': {
    options: berlin,
    host: zoned('/usr/share/zoneinfo/Europe/Berlin', 'Europe/Berlin'),
    result: berlin,
  },
  'right already, by a relative link': { options: berlin, host: zoned('../usr/share/zoneinfo/Europe/Berlin') },
  'no name is written where there was none': {
    options: berlin,
    host: zoned('/usr/share/zoneinfo/Etc/UTC'),
    changes: ['link /usr/share/zoneinfo/Etc/UTC -> /usr/share/zoneinfo/Europe/Berlin'],
  },
  'a zone that is not there': {
    options: { name: 'Europe/Atlantis' },
    host: zoned('/x'),
    fails: 'there is no time zone Europe/Atlantis on this host',
  },
  'a name that would lead out of the folder of zones': {
    options: { name: '../../etc/passwd' },
    fails:
      'timezone: option "name" is "../../etc/passwd" (a string), but must be the name of a zone, such as Europe/Berlin',
  },
  'no zones at all': {
    options: berlin,
    fails: 'there is no time zone Europe/Berlin on this host',
    hint: 'Time zones are in the package tzdata.',
  },
  'a zone that a command may bring': {
    options: berlin,
    behind: { command: true },
    may: 'there is no time zone Europe/Berlin on this host yet ("a command" runs before)',
  },
});
