import { apt, defineRole, option, systemFiles, v } from 'play';

/**
 * A run of apt-get takes a second of the host's processor time before it does anything, and so does asking apt what it
 * would do: of a list it is one run. What stands in it is there before the tasks of its role, so nothing may be in it
 * that is to find settings, a pin or a user when it comes.
 */
export const packagesAtOnce = defineRole(import.meta, {
  description: 'Packages that roles further down ask for, in one run of apt-get where a host has none of them yet.',
  vars: {
    packages_at_once: option.list('Their names.', v.string(), []),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) =>
    vars.packages_at_once.length === 0
      ? []
      : [apt({ name: vars.packages_at_once }, { name: 'packages of the roles below' })],
});
