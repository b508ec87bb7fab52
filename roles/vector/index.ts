import { apt, defineRole, handler, systemd, template, v, option } from 'play';
import { repositoryTasks, repositoryVariable } from '../ooni/repository.ts';

/** Where it takes lines from the log host's rsyslog, which is on the same host. */
export const vectorPort = 5140;

const settings = '/etc/vector/vector.yaml';
const restart = handler('restart vector', () => systemd({ name: 'vector', state: 'restarted' }));

/** Without a repository it is not there. */
export const vector = defineRole(import.meta, {
  description: "vector, from its makers' repository: takes what arrives at the log host to ClickHouse.",
  vars: {
    vector_repository: repositoryVariable("The makers' repository. Absent: no vector, and logs are in files only."),
    vector_table: option.text('The table of ClickHouse logs go to.', 'logs', v.regex(/^[a-z0-9_]+$/)),
  },
  defaults: { installRecommends: false },
  tasks({ vars }) {
    if (vars.vector_repository === undefined) return [];
    return [
      ...repositoryTasks('vector', vars.vector_repository),
      apt({ name: 'vector' }, { name: 'install vector' }),
      template(
        {
          src: 'vector.yaml.hbs',
          dest: settings,
          owner: 'root',
          group: 'vector',
          mode: '0640',
          validate: 'vector validate --no-environment --config-yaml %s',
          vars: { port: vectorPort },
        },
        { name: 'settings of vector', notify: restart },
      ),
      systemd({ name: 'vector', state: 'started', enabled: true }, { name: 'start vector' }),
    ];
  },
});
