import { listOf, textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { NotImported, quote } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { conditionOf } from '../expressions/operators.ts';
import { aptKeyCall } from './apt-key-call.ts';
import { aptRepositoryCall } from './apt-repository-call.ts';
import { list } from './doc.ts';
import { imageBuildCall, imagePullCall } from './image-calls.ts';
import { optionEntry, resourceCall, type ResourceCall } from './resource-call.ts';
import { anyValue, flagOf, optionValue, entry } from './values.ts';

const call = (resource: string, options: ResourceCall['options'], more: Partial<ResourceCall> = {}): ResourceCall => ({
  resource,
  options,
  keywords: [],
  reviews: [],
  keepsChanged: true,
  ...more,
});

const data = (task: AnsibleTask, value: string): Data => ({ type: 'text', value, at: task.at });

type Special = (compiler: Compiler, task: AnsibleTask) => ResourceCall;

/** Ansible takes whatever package an address gives; here nothing unverified comes over plain HTTP. */
const packages: Special = (compiler, task) => {
  const address = /^(\w+):\/\//.exec(textOf(task.options.get('deb') ?? data(task, '')) ?? '')?.[1];
  if (address === undefined) return resourceCall(compiler, task);
  if (address !== 'https')
    throw new NotImported(`option apt.deb over ${address}`, 'give apt its `checksum`, or the address as https://');
  const made = resourceCall(compiler, task);
  return { ...made, reviews: [...made.reviews, 'Review: give its `checksum`: nothing else verifies the package.'] };
};

/** The options of a task, some of them others. */
const withOptions = (task: AnsibleTask, edit: (options: Map<string, Data>) => void): AnsibleTask => {
  const options = new Map(task.options);
  edit(options);
  return { ...task, options };
};

/**
 * Ansible names the Python of a new environment, and what it sees, by options; here they are parts of its command. What
 * pip is given besides is one text there.
 */
const pip: Special = (compiler, task) => {
  const python = textOf(task.options.get('virtualenv_python') ?? data(task, '')) ?? '';
  const sees = flagOf(task.options.get('virtualenv_site_packages')) === true;
  const more = textOf(task.options.get('extra_args') ?? data(task, '')) ?? '';
  const edited = withOptions(task, (options) => {
    if (task.options.has('virtualenv')) options.delete('break_system_packages');
    if (/^[^'"{}\\]+$/.test(more)) {
      const items = more
        .trim()
        .split(/\s+/)
        .map((word) => data(task, word));
      options.set('extra_args', { type: 'list', items, at: task.at, source: '' });
    }
    if ((python === '' && !sees) || task.options.has('virtualenv_command')) return;
    const command = `${python === '' ? 'python3' : python} -m venv${sees ? ' --system-site-packages' : ''}`;
    options.set('virtualenv_command', data(task, command));
    options.delete('virtualenv_python');
    options.delete('virtualenv_site_packages');
  });
  return resourceCall(compiler, edited);
};

/** What means nothing to Ansible beside something else. */
const npm: Special = (compiler, task) => {
  const state = textOf(task.options.get('state') ?? data(task, 'present'));
  if (!task.options.has('name') && state !== 'present')
    throw new NotImported('option npm.state', 'versions of a package.json are decided there');
  const edited = withOptions(task, (options) => {
    if (flagOf(task.options.get('global')) === true) options.delete('path');
    if (flagOf(task.options.get('ci')) === true) options.delete('name');
    if (state === 'absent') options.delete('version');
  });
  return resourceCall(compiler, edited);
};

/** A bare repository has all branches: Ansible looks at none of these then. */
const git: Special = (compiler, task) => {
  if (flagOf(task.options.get('bare')) !== true) return resourceCall(compiler, task);
  const unread = new Set(['version', 'depth', 'refspec', 'recursive', 'track_submodules']);
  const made = resourceCall(
    compiler,
    withOptions(task, (options) => {
      for (const name of unread) options.delete(name);
    }),
  );
  const given = ['depth', 'refspec'].filter((name) => task.options.has(name));
  return given.length === 0
    ? made
    : { ...made, reviews: [`Review: a bare repository has the whole history, and no \`${given.join('` or `')}\`.`] };
};

/** Ansible reads the file again each time. */
const mysqlDatabase: Special = (compiler, task) => {
  const made = resourceCall(compiler, task);
  if (textOf(task.options.get('state') ?? data(task, '')) !== 'import') return made;
  if (textOf(task.options.get('name') ?? data(task, '')) === 'all')
    return { ...made, options: [...made.options, entry('force', 'true')] };
  const review =
    'Review: it is imported where the database has no tables yet; Ansible does so each time (`force: true`).';
  return { ...made, reviews: [...made.reviews, review] };
};

/** What only systemd knows becomes `systemd`: Ansible passes it on where the host has that. */
const service: Special = (compiler, task) => {
  const ofSystemd = ['daemon_reload', 'masked', 'daemon_reexec', 'no_block'].filter((name) => task.options.has(name));
  if (ofSystemd.length === 0) return resourceCall(compiler, task);
  const options = new Map([...task.options].filter(([name]) => name !== 'use'));
  const made = resourceCall(compiler, { ...task, module: 'systemd', options });
  const review = `Review: ${ofSystemd.join(', ')}: it is a unit of systemd here, and needs a host that has it.`;
  return { ...made, reviews: [...made.reviews, review] };
};

/** What is registered may be read as JSON, which Ansible keeps without being asked. */
const uri: Special = (compiler, task) => {
  if (!task.keywords.has('register') || task.options.has('return_content')) return resourceCall(compiler, task);
  const options = new Map<string, Data>([
    ...task.options,
    ['return_content', { type: 'flag', value: true, at: task.at }],
  ]);
  return resourceCall(compiler, { ...task, options });
};

const fail: Special = (compiler, task) => {
  const msg = task.options.get('msg') ?? data(task, 'Failed as requested from task');
  return call('assert', [entry('that', 'false'), optionEntry('failMsg', optionValue(compiler, msg, 'text'))]);
};

const assertion: Special = (compiler, task) => {
  const that = listOf(task.options.get('that')).map((one) =>
    conditionOf(compiler, one.type === 'flag' ? String(one.value) : (textOf(one) ?? '')),
  );
  const run = that.reduce((bits, one) => bits | one.run, 0);
  const docs = that.map(({ text }) => text);
  const messages = [...task.options].flatMap(([name, value]) => {
    if (['that', 'quiet'].includes(name)) return [];
    if (['fail_msg', 'msg'].includes(name)) return [optionEntry('failMsg', optionValue(compiler, value, 'text'))];
    if (name === 'success_msg') return [optionEntry('successMsg', optionValue(compiler, value, 'text'))];
    throw new NotImported(`option assert.${name}`);
  });
  return call('assert', [
    optionEntry('that', { doc: docs.length === 1 ? (docs[0] ?? '') : list(docs), run, kind: 'list' }),
    ...messages,
  ]);
};

const debugging: Special = (compiler, task) => {
  const made = shown(compiler, task);
  if (!task.options.has('verbosity')) return made;
  return { ...made, reviews: ['Review: Ansible shows it only with -v; it is always shown here.'] };
};

const shown: Special = (compiler, task) => {
  const value = task.options.get('var');
  if (value !== undefined) {
    const made = compiler.expressionText((textOf(value) ?? '').replace(/^\{\{|\}\}$/g, ''));
    const text =
      made.result?.loop === undefined ? made.text : `${made.result.loop.name}.map(({ task }) => results(task))`;
    return call('debug', [optionEntry('var', { doc: text, run: made.run, kind: 'any' })]);
  }
  const msg = task.options.get('msg') ?? data(task, 'Hello world!');
  // A whole result: whatever it has here is good enough to look at.
  const isResult = msg.type === 'text' && compiler.text(msg.value).result !== undefined;
  if (msg.type === 'list' || msg.type === 'map' || isResult)
    return call('debug', [optionEntry('var', optionValue(compiler, msg, 'any'))]);
  return call('debug', [optionEntry('msg', optionValue(compiler, msg, 'content'))]);
};

const pausing: Special = (compiler, task) => {
  const known: Readonly<Record<string, 'number' | 'text'>> = { seconds: 'number', minutes: 'number', prompt: 'text' };
  return call(
    'pause',
    [...task.options].flatMap(([name, value]) => {
      if (name === 'echo') return [];
      const kind = known[name];
      if (kind === undefined) throw new NotImported(`option pause.${name}`);
      return [optionEntry(name, optionValue(compiler, value, kind))];
    }),
  );
};

/** A key that is fetched from an address: only a fingerprint tells here whether it is the right one. */
const rpmKey: Special = (compiler, task) => {
  const known = new Set(['key', 'state', 'fingerprint', 'validate_certs']);
  const other = [...task.options.keys()].find((name) => !known.has(name));
  if (other !== undefined) throw new NotImported(`option rpm_key.${other}`);
  const key = task.options.get('key') ?? data(task, '');
  const isAddress = /^(?:https?|ftp):/.test(textOf(key) ?? '');
  if (isAddress && !task.options.has('fingerprint'))
    throw new NotImported('rpm_key of an address', 'give its `fingerprint` to rpmKey, or put the key into files/');
  return call(
    'rpmKey',
    ['key', 'fingerprint', 'state'].flatMap((name) => {
      const value = task.options.get(name);
      return value === undefined
        ? []
        : [optionEntry(name, optionValue(compiler, value, name === 'state' ? 'any' : 'text'))];
    }),
  );
};

const synchronize: Special = (compiler, task) => {
  const known = new Set([
    'src',
    'dest',
    'delete',
    'recursive',
    'archive',
    'rsync_opts',
    'owner',
    'group',
    'perms',
    'times',
    'checksum',
    'compress',
    'links',
  ]);
  const other = [...task.options.keys()].find((name) => !known.has(name));
  if (other !== undefined) throw new NotImported(`option synchronize.${other}`);
  const options = listOf(task.options.get('rsync_opts')).map((one) => textOf(one) ?? '');
  const excluded = options.map((one) => /^--exclude[= ](.+)$/.exec(one)?.[1]);
  if (excluded.includes(undefined)) throw new NotImported('option synchronize.rsync_opts');
  const made = ['src', 'dest'].flatMap((name) => {
    const value = task.options.get(name);
    return value === undefined ? [] : [optionEntry(name, optionValue(compiler, value, 'text'))];
  });
  const removes = task.options.get('delete');
  if (removes !== undefined) made.push(optionEntry('delete', optionValue(compiler, removes, 'flag')));
  if (excluded.length > 0) made.push(entry('exclude', list(excluded.map((one) => quote(one ?? '')))));
  return call('sync', made, {
    reviews: ['Review: what it makes belongs to the user of the task; see `owner`, `mode` and `directoryMode`.'],
  });
};

export const addedInRun = (): NotImported =>
  new NotImported(
    'add_host of what only the run knows',
    'the hosts of a run are known before it begins: put it into the inventory',
  );

/** Here a host has to be known before the run; Ansible adds it once, for the first host of the play. */
const addingHost: Special = (compiler, task) => {
  const named = (names: readonly string[]): Data | undefined =>
    names.map((name) => task.options.get(name)).find((value) => value !== undefined);
  const host = named(['name', 'hostname', 'host']);
  if (host === undefined) throw new NotImported('add_host without a name');
  const groups = named(['groups', 'groupname', 'group']);
  const own = new Set(['name', 'hostname', 'host', 'groups', 'groupname', 'group', 'free_form']);
  const others = new Map([...task.options].filter(([name]) => !own.has(name)));
  const { source, at } = task;
  const values = {
    name: optionValue(compiler, host, 'text'),
    ...(groups === undefined ? {} : { groups: optionValue(compiler, groups, 'texts') }),
    ...(others.size === 0 ? {} : { vars: anyValue(compiler, { type: 'map', entries: others, at, source }) }),
  };
  const when = listOf(task.keywords.get('when')).map((one) => conditionOf(compiler, textOf(one) ?? ''));
  if ([...Object.values(values), ...when].some(({ run }) => run !== 0)) throw addedInRun();
  const options = Object.entries(values).map(([name, value]) => optionEntry(name, value));
  return call('addHost', options, { keywords: [entry('runOnce', 'true')] });
};

const flush: Special = (_, task) => {
  const what = task.text ?? textOf(task.options.get('free_form') ?? data(task, '')) ?? '';
  if (what === 'flush_handlers') return call('flushHandlers', []);
  throw new NotImported(`meta ${what}`, `there is nothing like meta: ${what} here`);
};

export const specialCalls: Readonly<Record<string, Special>> = {
  apt: packages,
  pip,
  uri,
  service,
  npm,
  git,
  mysql_db: mysqlDatabase,
  fail,
  assert: assertion,
  debug: debugging,
  pause: pausing,
  apt_key: aptKeyCall,
  apt_repository: aptRepositoryCall,
  docker_image_build: imageBuildCall,
  docker_image_pull: imagePullCall,
  rpm_key: rpmKey,
  synchronize,
  add_host: addingHost,
  meta: flush,
};
