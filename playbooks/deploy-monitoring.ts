/**
 * The monitoring host: Prometheus and what it leans on, behind nginx.
 *
 *     ./play deploy-monitoring.ts -l monitoring.ooni.org --diff -C          what would change
 *     ./play deploy-monitoring.ts -l monitoring.ooni.org --diff             change it
 *     ./play deploy-monitoring.ts -t prometheus-conf -l monitoring.ooni.org --diff   after hosts came or went
 *
 * The order is that of a fresh host: each role finds what it needs made by those above it.
 */
import { definePlaybook } from 'play';
import { alertmanager } from '../roles/alertmanager/index.ts';
import { base } from '../roles/base/index.ts';
import { blackboxExporter } from '../roles/blackbox_exporter/index.ts';
import { certificates } from '../roles/certificates/index.ts';
import { monitoringWeb } from '../roles/monitoring_web/index.ts';
import { nginx } from '../roles/nginx/index.ts';
import { nodeExporter } from '../roles/node_exporter/index.ts';
import { prometheus } from '../roles/prometheus/index.ts';

export default definePlaybook({
  name: 'monitoring',
  hosts: 'monitoring',
  become: true,
  roles: [
    base({}, { tags: 'base' }),
    nodeExporter({}, { tags: 'node_exporter' }),
    blackboxExporter({}, { tags: ['blackbox_exporter', 'conf'] }),
    alertmanager({}, { tags: ['alertmanager', 'conf'] }),
    prometheus({}, { tags: ['prometheus', 'conf'] }),
    nginx({}, { tags: 'nginx' }),
    certificates({}, { tags: 'certificates' }),
    monitoringWeb({}, { tags: 'monitoring' }),
  ],
});
