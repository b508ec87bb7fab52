import { copy, definePlaybook, file, lineinfile } from 'play';

/** Four resources, as little as a host can be asked to have. */
export default definePlaybook({
  hosts: 'all',
  tasks: () => [
    file({ path: '/srv/app', state: 'directory', mode: '0755' }),
    copy({ dest: '/srv/app/settings', content: 'colour = blue\n', mode: '0644' }),
    lineinfile({ path: '/srv/app/settings', line: 'colour = blue' }),
    file({ path: '/srv/app/link', src: '/srv/app/settings', state: 'link' }),
  ],
});
