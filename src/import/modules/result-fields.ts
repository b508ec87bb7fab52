/** A field that holds more fields, by their names here. */
interface Nested {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

type Fields = Readonly<Record<string, string | Nested>>;

const output: Fields = {
  rc: 'rc',
  stdout: 'stdout',
  stderr: 'stderr',
  stdout_lines: 'stdoutLines',
  stderr_lines: 'stderrLines',
};

const placed: Fields = { dest: 'dest', path: 'dest' };
const edited: Fields = { path: 'path', dest: 'path' };

const modules: Readonly<Record<string, Fields>> = {
  command: output,
  shell: output,
  script: output,
  raw: output,
  asyncCommand: { ansible_job_id: 'id', started: 'started' },
  async_status: { ...output, finished: 'finished' },
  stat: {
    stat: {
      name: 'stat',
      fields: {
        exists: 'exists',
        path: 'path',
        isreg: 'isreg',
        isdir: 'isdir',
        islnk: 'islnk',
        mode: 'mode',
        uid: 'uid',
        gid: 'gid',
        pw_name: 'pwName',
        gr_name: 'grName',
        size: 'size',
        lnk_target: 'lnkTarget',
        lnk_source: 'lnkTarget',
      },
    },
  },
  copy: placed,
  template: placed,
  assemble: placed,
  get_url: { ...placed, url: 'url' },
  file: { path: 'path', dest: 'path', state: 'state' },
  lineinfile: edited,
  blockinfile: edited,
  replace: edited,
  find: { files: 'files', matched: 'matched', examined: 'examined' },
  slurp: { content: 'content', source: 'source', encoding: 'encoding' },
  uri: { status: 'status', content: 'content', elapsed: 'elapsed' },
  tempfile: { path: 'path' },
  git: { before: 'before', after: 'after' },
  user: {
    name: 'name',
    home: 'home',
    state: 'state',
    ssh_public_key: 'sshKey.publicKey',
    ssh_fingerprint: 'sshKey.fingerprint',
    ssh_key_file: 'sshKey.file',
  },
  group: { name: 'name', state: 'state' },
  pause: { user_input: 'userInput' },
  debug: { msg: 'msg' },
  apt_key: {},
  docker_image_build: {},
  docker_image_pull: {},
};

/** Whose result a task gives: that of its module, unless it became something else. */
export const resultOf = (resource: string, module: string): string =>
  resource === 'ansibleModule' || resource === 'asyncCommand' ? resource : module;

/** What a module's result has here, by Ansible's names. */
export const resultFields = (module: string): Fields => modules[module] ?? {};

/** Whether it is known here what a module's result has. */
export const hasKnownResult = (module: string): boolean => Object.hasOwn(modules, module);
