import { environmentNames } from '../../probes/index.ts';
import { code, level, NotImported, reads, textLiteral, type Code } from './code.ts';

const number = (value: number): Code => code(String(value), 'number', { literal: value });

const fact = (text: string, kind: Code['kind'], more: Partial<Code> = {}): Code =>
  code(text, kind, { run: reads.facts, ...more });

/** Of `ansible_env`, what a host can be asked for. */
const environment = Object.fromEntries(
  environmentNames.map((name) => [name, fact(`facts.environment.${name}`, 'text')]),
);

/** The loopback interface is the same everywhere. */
const loopback = code('{}', 'map', {
  parts: {
    address: code("'127.0.0.1'", 'text', { literal: '127.0.0.1' }),
    netmask: code("'255.0.0.0'", 'text', { literal: '255.0.0.0' }),
  },
});

/** Facts by the names Ansible gives them, without `ansible_`. `use`: a name of ansible.ts that is imported. */
const facts: Readonly<Record<string, (use: (name: string) => string) => Code>> = {
  distribution: (use) => fact(`${use('distribution')}(facts)`, 'text'),
  os_family: (use) => fact(`${use('osFamily')}(facts)`, 'text'),
  distribution_version: () => fact('facts.distributionPointRelease', 'text'),
  distribution_major_version: (use) => fact(`${use('majorVersion')}(facts)`, 'text'),
  distribution_release: () => fact('facts.distributionRelease', 'text'),
  lsb: () => fact('facts', 'map', { parts: { codename: fact('facts.distributionRelease', 'text') } }),
  architecture: () => fact('facts.architecture', 'text'),
  machine: () => fact('facts.architecture', 'text'),
  kernel: () => fact('facts.kernel', 'text'),
  hostname: (use) => fact(`${use('shortName')}(facts.hostname)`, 'text'),
  nodename: () => fact('facts.hostname', 'text'),
  memtotal_mb: () => fact('facts.memoryMb', 'number'),
  processor_vcpus: () => fact('facts.processors', 'number'),
  processor_nproc: () => fact('facts.processors', 'number'),
  default_ipv4: (use) =>
    fact(`${use('defaultIpv4')}(facts)`, 'map', {
      parts: { address: fact('facts.defaultIpv4', 'text'), interface: fact('facts.defaultInterface', 'text') },
    }),
  default_ipv6: (use) => fact(`${use('defaultIpv6')}(facts)`, 'map'),
  all_ipv6_addresses: (use) => fact(`${use('ipv6Addresses')}(facts)`, 'texts'),
  interfaces: (use) => fact(`${use('interfaceNames')}(facts)`, 'texts'),
  env: () => fact('facts.environment', 'map', { parts: environment }),
  date_time: (use) => fact(`${use('dateTime')}(facts)`, 'map'),
  selinux: (use) =>
    fact('facts', 'map', {
      parts: { status: fact(`${use('selinuxStatus')}(facts)`, 'text'), mode: fact('facts.selinux', 'text') },
    }),
  all_ipv4_addresses: () => fact('facts.ipv4Addresses', 'texts'),
  service_mgr: () => fact('facts.serviceManager', 'text'),
  pkg_mgr: (use) => fact(`${use('packageManager')}(facts)`, 'text'),
  system: () => code("'Linux'", 'text', { literal: 'Linux' }),
  fqdn: () => fact('facts.fqdn', 'text'),
  domain: (use) => fact(`${use('domainOf')}(facts.fqdn)`, 'text'),
  swaptotal_mb: () => fact('facts.swapMb', 'number'),
  mounts: (use) => fact(`${use('mountsOf')}(facts)`, 'list'),
  packages: (use) => fact(`${use('packagesOf')}(facts)`, 'map'),
  local: (use) => fact(`${use('localOf')}(facts)`, 'map', { maybe: 'ansible_local' }),
  python_version: () => fact('facts.pythonVersion', 'text'),
  python: (use) => fact(`${use('pythonOf')}(facts)`, 'map'),
  virtualization_type: (use) => fact(`${use('virtualizationType')}(facts)`, 'text'),
  virtualization_role: (use) => fact(`${use('virtualizationRole')}(facts)`, 'text'),
  lo: () => code('{}', 'map', { parts: { ipv4: loopback, device: code("'lo'", 'text', { literal: 'lo' }) } }),
  userspace_architecture: () => fact('facts.architecture', 'text'),
};

/** Names that the kernel or systemd gives to interfaces: `ansible_eth0` is one. */
const interfaceName = /^(?:eth\d+|en[opsx]\w+|wl[opsx]\w+|bond\d+|br\d+|docker\d+|wg\d+|tun\d+)$/;

/** Connection variables: settings of an inventory, no facts. */
const settings =
  /^(?:ssh_|become|connection$|host$|user$|port$|password$|python_interpreter$|managed$|check_mode$|play_|version$|role_|search_|config|diff_mode|forks|inventory|limit|loop|parent_role|run_tags|skip_tags|verbosity|facts$|remote_tmp|shell|sudo|su_|private_key|user_|local$)/;

/** Names that look like facts and are none of ours are facts that are missing here. */
export const isFactName = (name: string): boolean => name.startsWith('ansible_') && !settings.test(name.slice(8));

/** The name under which a fact is kept that a task told: `ansible_facts.services`. */
export const factKey = (fact: string): string => `ansible_facts_${fact}`;

/** @throws NotImported for a fact that play does not know */
export function factOf(name: string, use: (name: string) => string): Code {
  const found = Object.hasOwn(facts, name) ? facts[name] : undefined;
  // It may be missing, as any interface may.
  if (found === undefined && interfaceName.test(name))
    return fact(`${use('interfaceOf')}(facts, '${name}')`, 'map', { maybe: `ansible_${name}` });
  if (found === undefined) throw new NotImported(`fact ${name}`, `play has no fact like ansible_${name}`);
  return found(use);
}

const magicNames = new Set([
  'inventory_hostname',
  'inventory_hostname_short',
  'group_names',
  'groups',
  'hostvars',
  'ansible_play_hosts',
  'ansible_play_hosts_all',
  'ansible_play_batch',
  'play_hosts',
  'ansible_host',
  'ansible_ssh_host',
  'ansible_managed',
  'omit',
  'ansible_check_mode',
  'playbook_dir',
  'inventory_dir',
  'inventory_file',
  'role_path',
  'role_name',
  'ansible_parent_role_names',
  'ansible_version',
  'ansible_playbook_python',
  'ansible_facts',
  'ansible_local',
  'vars',
]);

/** Names that are no variables of anybody's: Ansible gives them, or they are facts. */
export const isGivenByAnsible = (name: string): boolean => magicNames.has(name) || isFactName(name);

/** Names of those whose meaning is known here, whatever a repository's files say. */
export const isUnderstood = (name: string): boolean =>
  magicNames.has(name) || (name.startsWith('ansible_') && Object.hasOwn(facts, name.slice(8)));

/** Names that Ansible gives to every host. `need` says which part of the context of a task list is read. */
export function magicName(
  name: string,
  need: (part: 'host' | 'groups' | 'hostvars' | 'playHosts') => string,
  use: (name: string) => string,
): Code | undefined {
  switch (name) {
    case 'inventory_hostname':
      return code(`${need('host')}.name`, 'text');
    case 'inventory_hostname_short':
      return code(`${use('shortName')}(${need('host')}.name)`, 'text');
    case 'group_names':
      return code(`${need('host')}.groups`, 'texts');
    case 'groups':
      return code(need('groups'), 'map');
    case 'hostvars':
      return code(need('hostvars'), 'map');
    case 'ansible_play_hosts':
    case 'ansible_play_hosts_all':
    case 'ansible_play_batch':
    case 'play_hosts':
      return code(need('playHosts'), 'texts');
    case 'ansible_host':
    case 'ansible_ssh_host':
      return code(`${use('addressOf')}(${need('host')})`, 'text');
    // Another text would be a change to each file that has it.
    case 'ansible_managed':
      return code("'Ansible managed'", 'text', { literal: 'Ansible managed' });
    case 'omit':
      return code('undefined', 'any', { level: level.primary });
    case 'ansible_local':
      return factOf('local', use);
    case 'ansible_playbook_python':
      return textLiteral('python3');
    // Check mode foretells what the run does: whatever asks is answered as in the run.
    case 'ansible_check_mode':
      return code('false', 'flag', { literal: false });
    case 'ansible_facts':
      return code(`${use('factsOf')}(facts)`, 'map', { run: reads.facts });
    case 'ansible_version':
      return code('{}', 'map', {
        parts: { full: textLiteral('2.14.0'), string: textLiteral('2.14.0'), major: number(2), minor: number(14) },
      });
    case 'role_path':
      return code(`${use('roleFolder')}(import.meta.dirname)`, 'text');
    case 'playbook_dir':
      return code(`${use('playbookFolder')}()`, 'text');
    case 'inventory_dir':
    case 'inventory_file':
    case 'role_name':
    case 'ansible_parent_role_names':
    case 'vars':
      throw new NotImported(`name ${name}`, `there is no name like ${name} here`);
    default:
      return undefined;
  }
}
