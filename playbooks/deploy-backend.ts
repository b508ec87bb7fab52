/**
 * The backends: the API and what it leans on. Four hosts in four stages of life; what tells them apart is in their
 * host_vars.
 *
 *     ./play deploy-backend.ts --diff -l ams-pg-test.ooni.org -C             what would change on the testbed
 *     ./play deploy-backend.ts --diff -l ams-pg-test.ooni.org                change it
 *     ./play deploy-backend.ts --diff -l ams-pg-test.ooni.org -t api         after an edit of
 *     roles/ooni_api/tor-targets.ts
 *     ./play deploy-backend.ts --diff -l backend-fsn.ooni.org -t blocking    after an edit of blocked_networks
 *
 * Parts a host does not name in its variables are not put on it. Our own packages are installed where they are missing;
 * which version runs is the deployer's business.
 */
import { join } from 'node:path';
import { definePlaybook } from 'play';
import { accounts } from 'play/roles/accounts';
import { base } from 'play/roles/base';
import { certificates } from 'play/roles/certificates';
import { clickhouse } from 'play/roles/clickhouse';
import { dehydrated } from 'play/roles/dehydrated';
import { haproxy } from 'play/roles/haproxy';
import { internalCertificate } from 'play/roles/internal_certificate';
import { logSender } from 'play/roles/log_sender';
import { nftables } from 'play/roles/nftables';
import { nginx } from 'play/roles/nginx';
import { postgresql } from 'play/roles/postgresql';
import { sshd } from 'play/roles/sshd';
import { analysis } from '../roles/analysis/index.ts';
import { apiSite } from '../roles/api_site/index.ts';
import { apiUploader } from '../roles/api_uploader/index.ts';
import { blocking } from '../roles/blocking/index.ts';
import { dbBackup } from '../roles/db_backup/index.ts';
import { fastpath } from '../roles/fastpath/index.ts';
import { netdata, netdataSettings } from '../roles/netdata/index.ts';
import { ooniApi } from '../roles/ooni_api/index.ts';
import { ooniPackages } from '../roles/ooni_packages/index.ts';
import { packagesAtOnce } from '../roles/packages_at_once/index.ts';
import { placeholders } from '../roles/placeholders/index.ts';
import { testHelperRotation } from '../roles/test_helper_rotation/index.ts';
import { torOnions } from '../roles/tor_onions/index.ts';

export default definePlaybook([
  {
    name: 'backend',
    hosts: 'backend',
    become: true,
    roles: [
      placeholders({}, { tags: 'always' }),
      base({}, { tags: 'base' }),
      accounts({}, { tags: ['accounts', 'ssh_users'] }),
      sshd({}, { tags: 'sshd' }),
      nftables({}, { tags: 'nftables' }),
      // Only once the firewall is up, because they start with Debian's settings and listen.
      packagesAtOnce(
        { packages_at_once: ['nginx', 'dehydrated', 'rsyslog', 'rsyslog-gnutls', 'logrotate'] },
        { tags: 'packages' },
      ),
      nginx({}, { tags: ['nginx', 'webserv'] }),
      certificates({}, { tags: 'certificates' }),
      dehydrated({}, { tags: ['certificates', 'dehydrated'] }),
      internalCertificate({}, { tags: ['certificates', 'ooca'] }),
      logSender({}, { tags: 'logs' }),
      blocking({}, { tags: ['blocking', 'nginx', 'webserv', 'conf'] }),
      clickhouse({ clickhouse_table_folder: join(import.meta.dirname, 'files/clickhouse') }, { tags: 'clickhouse' }),
      ooniPackages({}, { tags: 'packages' }),
      ooniApi({}, { tags: 'api' }),
      apiSite({}, { tags: ['api', 'webserv'] }),
      apiUploader({}, { tags: ['api', 'uploader'] }),
      haproxy({}, { tags: ['haproxy', 'webserv'] }),
      fastpath({}, { tags: 'fastpath' }),
      analysis({}, { tags: 'analysis' }),
      dbBackup({}, { tags: 'db-backup' }),
      testHelperRotation({}, { tags: 'rotation' }),
      torOnions({}, { tags: 'tor' }),
    ],
  },
  // Prometheus asks them for it; who may come to the port is in firewall_ports.
  {
    name: 'backend netdata',
    hosts: 'backend:&have_netdata',
    become: true,
    roles: [netdataSettings({ netdata_listen: '*' }, { tags: 'netdata' }), netdata({}, { tags: 'netdata' })],
  },
  // The one that still has the old database.
  {
    name: 'backend database',
    hosts: 'backend:&have_postgresql',
    become: true,
    roles: [placeholders({}, { tags: 'always' }), postgresql({}, { tags: 'postgresql' })],
  },
]);
