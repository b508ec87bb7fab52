/**
 * The monitoring host: Prometheus and what it leans on, the log host, and tools to look into both, behind nginx.
 *
 *     ./play deploy-monitoring.ts -l monitoring.ooni.org --diff -C          what would change
 *     ./play deploy-monitoring.ts -l monitoring.ooni.org --diff             change it
 *     ./play deploy-monitoring.ts -t prometheus-conf -l monitoring.ooni.org --diff   after hosts came or went
 *
 * The order is that of a fresh host: each role finds what it needs made by those above it. Grafana, vector and jupyter
 * are there once `grafana_repository`, `vector_repository` and `jupyter_packages` ask for them.
 */
import { join } from 'node:path';
import { definePlaybook } from 'play';
import { accounts } from 'play/roles/accounts';
import { alertmanager } from 'play/roles/alertmanager';
import { base } from 'play/roles/base';
import { blackboxExporter } from 'play/roles/blackbox_exporter';
import { certificates } from 'play/roles/certificates';
import { clickhouse, clickhousePin } from 'play/roles/clickhouse';
import { dehydrated } from 'play/roles/dehydrated';
import { fail2ban } from 'play/roles/fail2ban';
import { internalCertificate } from 'play/roles/internal_certificate';
import { logHost } from 'play/roles/log_host';
import { nftables } from 'play/roles/nftables';
import { nginx } from 'play/roles/nginx';
import { nodeExporter } from 'play/roles/node_exporter';
import { prometheus } from 'play/roles/prometheus';
import { grafana } from '../roles/grafana/index.ts';
import { jupyter } from '../roles/jupyter/index.ts';
import { monitoringWeb } from '../roles/monitoring_web/index.ts';
import { netdata, netdataSettings } from '../roles/netdata/index.ts';
import { ooniPackages } from '../roles/ooni_packages/index.ts';
import { packagesAtOnce } from '../roles/packages_at_once/index.ts';
import { placeholders } from '../roles/placeholders/index.ts';
import { vector } from '../roles/vector/index.ts';

export default definePlaybook({
  name: 'monitoring',
  hosts: 'monitoring',
  become: true,
  roles: [
    placeholders({}, { tags: 'always' }),
    base({}, { tags: 'base' }),
    accounts({}, { tags: ['accounts', 'ssh_users'] }),
    nftables({}, { tags: 'nftables' }),
    // What has to be there before the packages.
    netdataSettings({}, { tags: ['netdata', 'packages'] }),
    clickhousePin({}, { tags: ['clickhouse', 'packages'] }),
    // Only once the firewall is up, because they start with Debian's settings and listen. Not here: fail2ban, whose role
    // puts settings in place first, which name log files of other services.
    packagesAtOnce(
      {
        packages_at_once: [
          'prometheus-node-exporter',
          'prometheus-blackbox-exporter',
          'prometheus-alertmanager',
          'prometheus',
          'nginx',
          'dehydrated',
          'rsyslog',
          'rsyslog-gnutls',
          'logrotate',
          'netdata',
          'clickhouse-server',
          'clickhouse-client',
        ],
      },
      { tags: 'packages' },
    ),
    internalCertificate({}, { tags: ['certificates', 'ooca'] }),
    nodeExporter({}, { tags: 'node_exporter' }),
    blackboxExporter({}, { tags: ['blackbox_exporter', 'conf'] }),
    alertmanager({}, { tags: ['alertmanager', 'conf'] }),
    prometheus(
      { prometheus_rule_files: [join(import.meta.dirname, 'files/prometheus/ooni.yml')] },
      { tags: ['prometheus', 'conf'] },
    ),
    nginx({}, { tags: 'nginx' }),
    certificates({}, { tags: 'certificates' }),
    dehydrated({}, { tags: ['certificates', 'dehydrated'] }),
    netdata({}, { tags: 'netdata' }),
    logHost({}, { tags: 'logs' }),
    grafana({}, { tags: 'grafana' }),
    monitoringWeb({}, { tags: 'monitoring' }),
    fail2ban({}, { tags: 'fail2ban' }),
    ooniPackages({}, { tags: 'packages' }),
    clickhouse({ clickhouse_table_folder: join(import.meta.dirname, 'files/clickhouse') }, { tags: 'clickhouse' }),
    vector({}, { tags: ['vector', 'logs'] }),
    jupyter({}, { tags: 'jupyter' }),
  ],
});
