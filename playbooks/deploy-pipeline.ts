/**
 * The pipeline: PostgreSQL with the metadata of measurements, and Airflow in containers, which fills it.
 *
 *     ./play deploy-pipeline.ts --diff -C               what would change
 *     ./play deploy-pipeline.ts --diff                  change it
 *     ./play deploy-pipeline.ts --tags airflow-dags     after an edit of the DAGs (roles/airflow/files/airflow-dags),
 *     of the
 *                                                       trampoline's steps or of its image's version
 *                                                       (roles/airflow/shovel.ts)
 *
 * The schema of the database is a runbook of its own: deploy-pipeline-ddl.ts.
 */
import { definePlaybook } from 'play';
import { docker } from 'play/roles/docker';
import { postgresql } from 'play/roles/postgresql';
import { airflow } from '../roles/airflow/index.ts';
import { placeholders } from '../roles/placeholders/index.ts';

export default definePlaybook([
  {
    name: 'metadata database',
    hosts: 'metadb',
    become: true,
    roles: [placeholders({}, { tags: 'always' }), postgresql({}, { tags: ['postgresql', 'plpsql'] })],
  },
  {
    name: 'airflow',
    hosts: 'airflow',
    become: true,
    roles: [placeholders({}, { tags: 'always' }), docker({}, { tags: 'docker' }), airflow({}, { tags: 'airflow' })],
  },
]);
