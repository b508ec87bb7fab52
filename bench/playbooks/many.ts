import { copy, definePlaybook, file, type Task } from 'play';

/** As many tasks as `-e tasks=...` says, of files and directories, below the folder that `-e folder=...` names. */
export default definePlaybook({
  hosts: 'all',
  become: true,
  tasks: ({ vars }) => {
    const folder = typeof vars['folder'] === 'string' ? vars['folder'] : '/srv/many';
    const made = (n: number): Task =>
      n % 2 === 0 || vars['kind'] === 'files'
        ? copy({ dest: `${folder}/file${n}`, content: `This is file ${n}.\n`, mode: '0644' })
        : file({ path: `${folder}/directory${n}`, state: 'directory', mode: '0750' });
    return [
      file({ path: folder, state: 'directory' }),
      ...Array.from({ length: Number(vars['tasks'] ?? 100) - 1 }, (_, n) => made(n)),
    ];
  },
});
