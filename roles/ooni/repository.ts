import { aptRepository, v, type Task, option } from 'play';

const repository = v.strictObject({
  uris: option.text('Where it is.'),
  suites: option.text("The release, such as `stable`, or './' for a flat repository."),
  components: v.optional(v.string()),
  key: v.optional(option.text('What it is signed with: the key in PEM, or a path on the host.')),
  fingerprint: v.optional(v.string()),
  trusted: option.flag('Trust it without a signature: for a folder of the host only.', false),
});
export type Repository = v.InferOutput<typeof repository>;

/** The schema of a variable that says where packages of others come from. */
export const repositoryVariable = (description: string) => v.optional(v.pipe(repository, v.description(description)));

/** Puts a repository on the host; nothing where none is given. */
export function repositoryTasks(name: string, given: Repository | undefined): Task[] {
  if (given === undefined) return [];
  const { uris, suites, components, key, fingerprint, trusted } = given;
  return [
    aptRepository(
      {
        name,
        uris,
        suites,
        ...(components === undefined ? {} : { components }),
        ...(key === undefined ? {} : { signedBy: key }),
        ...(fingerprint === undefined ? {} : { fingerprint }),
        ...(trusted ? { trusted: true } : {}),
      },
      { name: `repository ${name}` },
    ),
  ];
}
