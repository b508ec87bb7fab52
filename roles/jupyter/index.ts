import { apt, defineRole, file, handler, systemd, systemdUnit, template, user, v, option, systemFiles } from 'play';

const home = '/var/lib/jupyter';
const settings = '/etc/jupyter/ooni.py';
/** Where it listens: a socket that root, itself and nginx can reach, since who reaches it runs code. */
export const jupyterSocket = '/run/jupyter/notebook.sock';

export const jupyterPackages = v.optional(
  option.list('Packages beside the notebook: libraries for what people write. Absent: no jupyter.', v.string()),
);
export const jupyterName = option.text(
  'Its name in the DNS.',
  'jupyter.ooni.org',
  v.regex(/^[a-z0-9.-]+$/, 'must be a host name'),
);

const restart = handler('restart jupyter', () => systemd({ name: 'jupyter', state: 'restarted' }));

export const jupyter = defineRole(import.meta, {
  description:
    'Jupyter: notebooks over what is measured, where `jupyter_packages` is given. nginx asks for the password.',
  vars: {
    jupyter_packages: jupyterPackages,
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks({ vars: { jupyter_packages: packages } }) {
    if (packages === undefined) return [];
    return [
      apt({ name: ['jupyter-notebook', 'python3-ipykernel', ...packages] }, { name: 'install jupyter' }),
      user({ name: 'jupyter', system: true, home, shell: '/usr/sbin/nologin' }, { name: 'account of jupyter' }),
      file(
        { path: `${home}/notebooks`, state: 'directory', owner: 'jupyter', group: 'jupyter', mode: '0750' },
        { name: 'folder for notebooks' },
      ),
      file({ path: '/etc/jupyter', state: 'directory' }, { name: 'folder for settings of jupyter' }),
      template(
        {
          src: 'notebook.py.hbs',
          dest: settings,
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
