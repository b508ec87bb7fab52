import {
  assert,
  block,
  defineRunbook,
  file,
  flushHandlers,
  handler,
  option,
  shell,
  stat,
  systemd,
  unarchive,
  uri,
  v,
  type Task,
  type TaskItem,
} from 'play';

/** Into shell text as it is. */
const plain = v.regex(/^[\w./-]+$/, 'must be letters, digits, dots, dashes and slashes');

/** What no package manager knows: an archive of its own folder for each version, and a link to the one that runs. */
export default defineRunbook({
  title: 'Deploy an artefact, look at it, revert it',
  description:
    'Unpacks an archive beside the versions before it, points `current` at it on one host after another, restarts the unit and looks whether it is well. A host where it is not goes back at once to what ran before, and the rest is left alone. `--back` takes all hosts back: what ran before is still there.',
  vars: {
    deploy_hosts: option.text('Where it runs.'),
    artefact: option.text('The archive: a path on this machine, seen from runbooks/ unless it is absolute.'),
    artefact_version: option.text('Its version, the name of its folder.', v.regex(/^\w[\w.-]*$/, 'must be a name')),
    artefact_root: option.text(
      'The folder of all versions, and of the link `current`.',
      plain,
      v.regex(/^\//, 'must be absolute'),
    ),
    artefact_unit: option.text('The unit that runs it.'),
    artefact_health: option.url('What answers 200 when it is well, asked on the host itself.'),
    artefact_check: v.optional(
      option.text('Shell text that ends with 0 when it is well, run on the host: a quick look at what it answers.'),
    ),
    artefact_patience: option.integer('Seconds that it may take to be well.', 60, v.minValue(1)),
  },
  steps: ({ vars }) => {
    const root = vars.artefact_root;
    const [current, previous] = [`${root}/current`, `${root}/previous`];
    const release = `releases/${vars.artefact_version}`;
    const restart = handler(`restart ${vars.artefact_unit}`, () =>
      systemd({ name: vars.artefact_unit, state: 'restarted' }),
    );
    const wellness = (): Task[] => [
      uri({ url: vars.artefact_health, retries: Math.ceil(vars.artefact_patience / 2), delay: 2 }),
      ...(vars.artefact_check === undefined
        ? []
        : [shell({ cmd: vars.artefact_check, changes: 'always' }, { name: 'a quick look', changedWhen: false })]),
    ];
    const revert = (): TaskItem[] => {
      const before = stat({ path: previous }, { name: 'what ran before' });
      return [
        before,
        assert(
          { that: ({ results }) => results(before).stat.exists, failMsg: 'nothing ran here before' },
          { name: 'something ran here before' },
        ),
        file(
          { path: current, src: ({ results }) => results(before).stat.lnkTarget, state: 'link' },
          { notify: restart },
        ),
        flushHandlers({}),
        ...wellness(),
      ];
    };
    return [
      {
        name: 'unpack',
        hosts: vars.deploy_hosts,
        become: true,
        tasks: () => [
          file({ path: `${root}/${release}`, state: 'directory', owner: 'root', group: 'root', mode: '0755' }),
          unarchive({ src: vars.artefact, dest: `${root}/${release}`, owner: 'root', group: 'root' }),
        ],
      },
      {
        name: 'switch',
        hosts: vars.deploy_hosts,
        become: true,
        serial: 1,
        tasks: () => [
          // Done again it must not take the new one for what ran before.
          shell(
            {
              cmd: 'ln -sfn "$(readlink current)" previous',
              chdir: root,
              onlyIf: `[ -h current ] && [ "$(readlink current)" != ${release} ]`,
            },
            { name: 'remember what runs now' },
          ),
          block(
            [
              file({ path: current, src: release, state: 'link' }, { notify: restart }),
              flushHandlers({}),
              ...wellness(),
            ],
            {
              rescue: [
                ...revert(),
                assert(
                  { that: false, failMsg: `${vars.artefact_version} is not well here: what ran before runs again` },
                  { name: `${vars.artefact_version} is well` },
                ),
              ],
            },
          ),
        ],
        back: revert,
      },
      {
        name: 'look',
        question: `Version ${vars.artefact_version} runs everywhere. Is it well? Anything but yes stops here; --back reverts.`,
      },
    ];
  },
});
