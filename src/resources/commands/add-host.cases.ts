import { planCases } from '../../testing/index.ts';
import { addHost } from './add-host.ts';

export const cases = planCases(addHost, {
  'a host changes nothing on the one it is added from': { options: { name: 'web3', groups: ['web'] } },
  'a group that no pattern could name': {
    options: { name: 'web3', groups: ['web,db'] },
    fails: 'addHost: option "groups", at 0, is "web,db" (a string), but must be the name of a group',
  },
  'no name': { options: { name: '' }, fails: 'addHost: option "name" is "" (a string), but must not be empty' },
});
