import { defineRole, template, v } from 'play';

/** Says what this role is for. */
export const __identifier__ = defineRole({
  name: '__name__',
  dir: import.meta.dirname,
  vars: {
    /** What hosts are greeted with; group_vars, host_vars and -e may say otherwise. */
    __variable___greeting: v.optional(v.string(), 'Hello'),
  },
  tasks: () => [
    template(
      { src: '__name__.conf.hbs', dest: '/etc/__name__.conf', mode: '0644' },
      { name: 'configuration of __name__' },
    ),
  ],
});
