import { confirm, defineRole, postgresqlMigrations, v, option } from 'play';

const names = v.pipe(
  v.union([
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').filter((one) => one !== '')),
    ),
    v.array(v.string()),
  ]),
  v.description('Migrations to take back instead of applying any: a list, or names with commas between.'),
);

export const pipelineSchema = defineRole(import.meta, {
  description: 'The schema of the metadata database: its migrations are compared, confirmed, and applied in order.',
  vars: {
    schema_database: option.text('The database.', 'metadb'),
    schema_rollback: v.optional(names, []),
  },
  tasks: ({ vars, host }) => {
    const { schema_database: db, schema_rollback: rollback } = vars;
    const verb = rollback.length > 0 ? 'take back' : 'apply';
    const migrations = { src: 'oometa', db, rollback };
    const due = postgresqlMigrations({ ...migrations, state: 'compared' }, { name: 'compare migrations' });
    return [
      due,
      confirm(
        {
          prompt: ({ results }) => `The database ${db} of ${host.name}: ${verb} ${results(due).pending.join(', ')}.`,
          answer: ({ results }) => `${verb} ${results(due).pending.length}`,
        },
        { name: 'confirm migrations', tags: 'confirm', when: ({ results }) => results(due).pending.length > 0 },
      ),
      postgresqlMigrations(migrations, { name: `${verb} migrations` }),
    ];
  },
});
