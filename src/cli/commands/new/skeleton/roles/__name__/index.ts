import { defineRole, option, systemFiles, template } from 'play';

/** Says what this role is for. */
export const __identifier__ = defineRole(import.meta, {
  vars: {
    __variable___greeting: option.text('What hosts are greeted with.', 'Hello'),
  },
  defaults: systemFiles,
  tasks: () => [
    template({ src: '__name__.conf.hbs', dest: '/etc/__name__.conf' }, { name: 'configuration of __name__' }),
  ],
});
