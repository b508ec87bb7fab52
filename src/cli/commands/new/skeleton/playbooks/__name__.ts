import { copy, definePlaybook } from 'play';

/** Says what this playbook is for. */
export default definePlaybook({
  hosts: 'all',
  become: true,
  tasks: ({ host }) => [
    copy(
      { dest: '/etc/__name__', content: `${host.name}\n`, mode: '0644' },
      { name: 'name of the host', tags: 'name' },
    ),
  ],
});
