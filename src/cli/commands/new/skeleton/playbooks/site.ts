import { definePlaybook } from 'play';
import { __identifier__ } from '../roles/__name__/index.ts';

/** All hosts, as they should be. */
export default definePlaybook({
  hosts: 'all',
  become: true,
  roles: [__identifier__()],
});
