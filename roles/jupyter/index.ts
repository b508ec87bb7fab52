import { apt, defineRole, file, handler, systemd, systemdUnit, template, user, v } from 'play';

const home = '/var/lib/jupyter';
const settings = '/etc/jupyter/ooni.py';
/** Where it listens: a socket that root, itself and nginx can reach, since who reaches it runs code. */
export const jupyterSocket = '/run/jupyter/notebook.sock';

export const jupyterPackages = v.optional(
  v.pipe(
    v.array(v.string()),
    v.description('Packages beside the notebook: libraries for what people write. Absent: no jupyter.'),
  ),
);
export const jupyterName = v.optional(
  v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/, 'must be a host name'), v.description('Its name in the DNS.')),
  'jupyter.ooni.org',
);

const restart = handler('restart jupyter', () => systemd({ name: 'jupyter', state: 'restarted' }));

/** Jupyter: notebooks over what is measured, where `jupyter_packages` is given. nginx asks for the password. */
export const jupyter = defineRole({
  name: 'jupyter',
  dir: import.meta.dirname,
  vars: {
    jupyter_packages: jupyterPackages,
  },
  handlers: [restart],
  tasks({ vars: { jupyter_packages: packages } }) {
    if (packages === undefined) return [];
    return [
      apt(
        { name: ['jupyter-notebook', 'python3-ipykernel', ...packages], installRecommends: false },
        { name: 'install jupyter' },
      ),
      user({ name: 'jupyter', system: true, home, shell: '/usr/sbin/nologin' }, { name: 'account of jupyter' }),
      file(
        { path: `${home}/notebooks`, state: 'directory', owner: 'jupyter', group: 'jupyter', mode: '0750' },
        { name: 'folder for notebooks' },
      ),
      file(
        { path: '/etc/jupyter', state: 'directory', owner: 'root', group: 'root', mode: '0755' },
        { name: 'folder for settings of jupyter' },
      ),
      template(
        {
          src: 'notebook.py.hbs',
          dest: settings,
          owner: 'root',
          group: 'root',
          mode: '0644',
          validate: 'python3 -c "import ast, sys; ast.parse(open(sys.argv[1]).read())" %s',
          vars: { socket: jupyterSocket, folder: `${home}/notebooks` },
        },
        { name: 'settings of jupyter', notify: restart },
      ),
      systemdUnit(
        {
          name: 'jupyter.service',
          sections: {
            Unit: { Description: 'Jupyter notebooks', After: 'network.target' },
            Service: {
              User: 'jupyter',
              Group: 'jupyter',
              WorkingDirectory: `${home}/notebooks`,
              // What is made in a folder with that bit gets its group: nginx's.
              ExecStartPre: `+/usr/bin/install -d -o jupyter -g www-data -m 2750 ${jupyterSocket.replace(/\/[^/]+$/, '')}`,
              ExecStart: `/usr/bin/jupyter-notebook --config=${settings}`,
              Restart: 'on-failure',
              NoNewPrivileges: true,
              PrivateTmp: true,
              ProtectHome: true,
              ProtectSystem: 'full',
            },
            Install: { WantedBy: 'multi-user.target' },
          },
        },
        { name: 'unit of jupyter', notify: restart },
      ),
      systemd({ name: 'jupyter', state: 'started', enabled: true }, { name: 'start jupyter' }),
    ];
  },
});
