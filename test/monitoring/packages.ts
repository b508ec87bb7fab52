/**
 * Stand-ins for what only its makers' repositories have: Grafana, vector and OONI's jupycron. They have the names,
 * users, units and files of the real ones, and of what these do only what is looked at here: that they run with our
 * settings, and that what is sent to them comes to where they listen. netdata, rsyslog, fail2ban, ClickHouse and
 * jupyter are the real packages.
 */
import type { SmallPackage } from '../support/apt-repository.ts';

const service = (description: string, user: string, start: string): string =>
  `[Unit]\nDescription=${description}\n\n[Service]\nUser=${user}\nGroup=${user}\nExecStart=${start}\n\n[Install]\nWantedBy=multi-user.target\n`;
const account = (user: string, home: string): string =>
  `getent passwd ${user} >/dev/null || useradd --system --user-group --home-dir ${home} --shell /usr/sbin/nologin ${user}\ninstall -d -o ${user} -g ${user} ${home}`;

/** Answers where its settings tell it to listen, with the name they give it, once it could read its password. */
const grafanaServer = `#!/usr/bin/python3
import configparser, http.server, re

settings = configparser.RawConfigParser()
settings.read("/etc/grafana/grafana.ini")
password = open(re.fullmatch(r"\\$__file{(.*)}", settings["security"]["admin_password"])[1]).read()
assert len(password) > 10


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(("grafana at " + settings["server"]["root_url"]).encode())


server = settings["server"]
http.server.HTTPServer((server["http_addr"], int(server["http_port"])), Answer).serve_forever()
`;

/**
 * \`validate\` wants YAML with a source, and a sink that takes from what there is; else every line that comes is
 * written to a file.
 */
const vectorProgram = `#!/usr/bin/python3
import re, socketserver, sys

text = open(sys.argv[-1]).read()
address, port = re.search(r"address: (\\S+):(\\d+)", text).groups()
if sys.argv[1] == "validate":
    sys.exit(0 if "type: clickhouse" in text else "no sink")


class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            with open("/var/lib/vector/received", "ab") as out:
                out.write(line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


Server((address, int(port)), Lines).serve_forever()
`;

const grafana: SmallPackage = {
  name: 'grafana',
  version: '11.1.0',
  control: ['Depends: python3'],
  files: {
    '/usr/sbin/grafana-server': grafanaServer,
    '/lib/systemd/system/grafana-server.service': service('Grafana instance', 'grafana', '/usr/sbin/grafana-server'),
    '/etc/grafana/grafana.ini': '# Everything as in defaults.ini.\n',
  },
  conffiles: ['/etc/grafana/grafana.ini'],
  // As the real one: it is not started.
  postinst: account('grafana', '/var/lib/grafana'),
};

const vector: SmallPackage = {
  name: 'vector',
  version: '0.40.0-1',
  control: ['Depends: python3'],
  files: {
    '/usr/bin/vector': vectorProgram,
    '/lib/systemd/system/vector.service': service(
      'Vector',
      'vector',
      '/usr/bin/vector --config /etc/vector/vector.yaml',
    ),
    '/etc/vector/vector.yaml': '# Where to begin: an example.\n',
  },
  conffiles: ['/etc/vector/vector.yaml'],
  postinst: account('vector', '/var/lib/vector'),
};

const jupycron: SmallPackage = {
  name: 'jupycron',
  version: '0.2',
  files: { '/usr/bin/jupycron': '#!/bin/sh\nexec true\n' },
};

/** Repositories by the folder they are in on the throwaway host; see sandbox.yml. */
export const repositories: Readonly<Record<string, readonly SmallPackage[]>> = {
  '/srv/packages/grafana': [grafana],
  '/srv/packages/vector': [vector],
  '/srv/packages/ooni': [jupycron],
};
