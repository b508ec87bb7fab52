import { defineRole, file, systemFiles } from 'play';
import { repositoryTasks, repositoryVariable } from '../ooni/repository.ts';

/**
 * Roles below only see to it that a package is there: which version runs is the deployer's business, so nothing here
 * upgrades or downgrades.
 */
export const ooniPackages = defineRole(import.meta, {
  description: 'Where our own packages come from.',
  vars: {
    ooni_repository: repositoryVariable('The repository. Absent: packages come from what apt on the host knows.'),
  },
  defaults: systemFiles,
  tasks: ({ vars }) => [
    file({ path: '/etc/ooni', state: 'directory' }, { name: 'folder of our settings' }),
    ...repositoryTasks('ooni', vars.ooni_repository),
  ],
});
