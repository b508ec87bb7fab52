import { copy, definePlaybook, sync } from 'play';

/** A file, or a tree, of this machine: `-e src=... -e dest=...`. */
export default definePlaybook({
  hosts: 'all',
  become: true,
  tasks: ({ vars }) => {
    const [src, dest] = [String(vars['src']), String(vars['dest'])];
    return [vars['tree'] !== undefined ? sync({ src, dest }) : copy({ src, dest, mode: '0644' })];
  },
});
