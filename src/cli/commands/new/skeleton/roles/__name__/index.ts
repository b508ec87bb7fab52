import { defineRole, option, systemFiles, template } from 'play';

export const __identifier__ = defineRole(import.meta, {
  description: 'What this role is for, in a sentence.',
  vars: {
    __variable___greeting: option.text('What hosts are greeted with.', 'Hello'),
  },
  defaults: systemFiles,
  tasks: () => [
    template({ src: '__name__.conf.hbs', dest: '/etc/__name__.conf' }, { name: 'configuration of __name__' }),
  ],
});
