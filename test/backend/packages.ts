/**
 * Stand-ins for OONI's own packages, which only OONI's repository has: the same names, users, units and files, and next to
 * nothing inside. gunicorn, nginx, haproxy and all else around them are the real packages.
 */
import type { SmallPackage } from '../support/apt-repository.ts';

/** Answers with what it read when it started: that is how tests see whether it was restarted. */
const app = (version: string): string => `import json, time

settings = {}
exec(open("/etc/ooni/api.conf").read(), settings)
targets = json.load(open(settings["TOR_TARGETS_CONFFILE"]))
json.load(open(settings["PSIPHON_CONFFILE"]))
started = time.time()


def app(environ, start_response):
    answers = {
        "/api/v1/version": {"version": "${version}"},
        "/api/v1/test-list/tor-targets": targets,
        "/api/v1/collectors": settings["COLLECTORS"],
        "/metrics": {"started": started},
    }
    answer = answers.get(environ["PATH_INFO"])
    start_response("200 OK" if answer is not None else "404 Not Found", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
`;

const service = (description: string, user: string, start: string): string =>
  `[Unit]\nDescription=${description}\n\n[Service]\nUser=${user}\nExecStart=${start}\nRestart=on-failure\nRestartSec=1\n\n[Install]\nWantedBy=multi-user.target\n`;

const account = (user: string): string => `getent passwd ${user} >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin ${user}`;
/** As debhelper writes it: started once, left alone by an upgrade unless the package says otherwise. */
const startedBy = (unit: string): string => `if [ -d /run/systemd/system ]; then systemctl daemon-reload; [ -n "$2" ] || systemctl enable --now ${unit}; fi`;

const api = (version: string): SmallPackage => ({
  name: 'ooni-api',
  version,
  control: ['Depends: gunicorn, python3'],
  files: {
    '/usr/lib/ooni-api/ooniapi.py': app(version),
    '/lib/systemd/system/ooni-api.service': service('OONI API', 'ooniapi', '/usr/bin/gunicorn --config /etc/ooni/api.gunicorn.py --chdir /usr/lib/ooni-api ooniapi:app'),
    '/usr/bin/rotation': '#!/bin/sh\nexec true\n',
  },
  postinst: `${account('ooniapi')}\n${startedBy('ooni-api')}`,
});

const fastpath = (version: string): SmallPackage => ({
  name: 'fastpath',
  version,
  files: { '/usr/bin/fastpath': '#!/bin/sh\ncat /etc/ooni/fastpath.conf >/dev/null && exec sleep infinity\n', '/lib/systemd/system/fastpath.service': service('OONI fastpath', 'fastpath', '/usr/bin/fastpath') },
  postinst: `${account('fastpath')}\n${startedBy('fastpath')}`,
});

const job = (name: string, version: string): SmallPackage => ({ name, version, files: { [`/usr/bin/${name}`]: '#!/bin/sh\nexec true\n' } });

/** Where the repository is on the throwaway host. */
export const repositoryFolder = '/srv/ooni-packages';
export const newestApi = '1.0.80';
export const olderApi = '1.0.79';
export const ooniPackages: readonly SmallPackage[] = [api(olderApi), api(newestApi), fastpath('0.83'), fastpath('0.84'), job('analysis', '1.10'), job('db-backup', '1.2')];
