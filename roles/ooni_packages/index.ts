import { aptRepository, defineRole, file, v } from 'play';

/**
 * Where our own packages come from. Roles below only see to it that a package is there: which version runs is the deployer's
 * business, so nothing here upgrades or downgrades.
 */
export const ooniPackages = defineRole({
  name: 'ooni_packages',
  dir: import.meta.dirname,
  vars: {
    ooni_repository: v.optional(
      v.pipe(
        v.strictObject({
          uris: v.pipe(v.string(), v.description('Where it is.')),
          suites: v.pipe(v.string(), v.description("The release, such as `unstable`, or './' for a flat repository.")),
          components: v.optional(v.string()),
          key: v.optional(v.pipe(v.string(), v.description('What it is signed with: the key in PEM, or a path on the host.'))),
          fingerprint: v.optional(v.string()),
          trusted: v.optional(v.pipe(v.boolean(), v.description('Trust it without a signature: for a folder of the host only.')), false),
        }),
        v.description('The repository. Absent: packages come from what apt on the host knows.'),
      ),
    ),
  },
  tasks: ({ vars: { ooni_repository: repository } }) => [
    file({ path: '/etc/ooni', state: 'directory', owner: 'root', group: 'root', mode: '0755' }, { name: 'folder of our settings' }),
    ...(repository === undefined
      ? []
      : [
          aptRepository(
            {
              name: 'ooni',
              uris: repository.uris,
              suites: repository.suites,
              ...(repository.components === undefined ? {} : { components: repository.components }),
              ...(repository.key === undefined ? {} : { signedBy: repository.key }),
              ...(repository.fingerprint === undefined ? {} : { fingerprint: repository.fingerprint }),
              ...(repository.trusted ? { trusted: true } : {}),
            },
            { name: 'repository of our packages' },
          ),
        ]),
  ],
});
