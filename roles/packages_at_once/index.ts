import { apt, defineRole, option, systemFiles, v } from 'play';

/**
 * Before it does anything, a run of apt-get takes half a second of the host's processor time, and so does asking apt what
 * it would do: a list needs one run for all of it. Whatever is listed is installed before the tasks of its own role, so
 * leave out packages that must find settings, a pin or a user already in place.
 */
export const packagesAtOnce = defineRole(import.meta, {
  description: 'Packages that roles further down ask for, installed by a single run of apt-get on a fresh host.',
  vars: {
    packages_at_once: option.list('Their names.', v.string(), []),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) =>
    vars.packages_at_once.length === 0
      ? []
      : [apt({ name: vars.packages_at_once }, { name: 'packages of the roles below' })],
});
