import { copy, definePlaybook } from 'play';

/**
 * A hundred small files that are not there yet; bench/files.yml is the same for Ansible. `-e stamp=...` makes them new.
 */
export default definePlaybook({
  hosts: 'all',
  become: true,
  tasks: ({ vars }) =>
    Array.from({ length: 100 }, (_, i) =>
      copy({
        dest: `/srv/file${i + 1}`,
        content: `This is file ${i + 1} of ${String(vars['stamp'])}.\n`,
        mode: '0644',
      }),
    ),
});
