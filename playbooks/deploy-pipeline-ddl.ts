/**
 * Brings the schema of the metadata database up to date, or takes migrations back: roles/pipeline_schema/files/oometa.
 *
 *     ./play deploy-pipeline-ddl.ts --diff -C                                     which are due, and what is in them
 *     ./play deploy-pipeline-ddl.ts                                               asks, then applies them in order
 *     ./play deploy-pipeline-ddl.ts -e schema_rollback=002-fingerprints           asks, then takes it back
 *
 * Standbys get it by replication.
 */
import { definePlaybook } from 'play';
import { pipelineSchema } from '../roles/pipeline_schema/index.ts';

export default definePlaybook({
  name: 'schema of the metadata database',
  hosts: 'db_active',
  become: true,
  roles: [pipelineSchema()],
});
