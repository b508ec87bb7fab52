import { code, level, NotImported, reads, type Code } from './code.ts';

const fact = (text: string, kind: Code['kind'], more: Partial<Code> = {}): Code =>
  code(text, kind, { run: reads.facts, ...more });

/** Facts by the names Ansible gives them, without `ansible_`. `use`: a name of ansible.ts that is imported. */
const facts: Readonly<Record<string, (use: (name: string) => string) => Code>> = {
  distribution: (use) => fact(`${use('distribution')}(facts)`, 'text'),
  os_family: (use) => fact(`${use('osFamily')}(facts)`, 'text'),
  distribution_version: () => fact('facts.distributionVersion', 'text'),
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
  default_ipv4: () => fact('facts', 'map', { parts: { address: fact('facts.defaultIpv4', 'text') } }),
  all_ipv4_addresses: () => fact('facts.ipv4Addresses', 'texts'),
  service_mgr: () => fact('facts.serviceManager', 'text'),
  pkg_mgr: (use) => fact(`${use('packageManager')}(facts)`, 'text'),
  system: () => code("'Linux'", 'text', { literal: 'Linux' }),
};

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
  'ansible_facts',
  'ansible_local',
  'vars',
]);

/** Names that are no variables of anybody's: Ansible gives them, or they are facts. */
export const isGivenByAnsible = (name: string): boolean => magicNames.has(name) || isFactName(name);

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
    case 'ansible_managed':
      return code("'Managed by play'", 'text', { literal: 'Managed by play' });
    case 'omit':
      return code('undefined', 'any', { level: level.primary });
    case 'ansible_check_mode':
      throw new NotImported(
        'name ansible_check_mode',
        'here no task asks whether this is check mode: check mode foretells what the run does',
      );
    case 'playbook_dir':
    case 'inventory_dir':
    case 'inventory_file':
    case 'role_path':
    case 'role_name':
    case 'ansible_parent_role_names':
    case 'ansible_version':
    case 'ansible_facts':
    case 'ansible_local':
    case 'vars':
      throw new NotImported(`name ${name}`, `there is no name like ${name} here`);
    default:
      return undefined;
  }
}
