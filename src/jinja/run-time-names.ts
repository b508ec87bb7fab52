/** Connection variables, which an inventory sets or leaves unset; other names with `ansible_` are facts. */
const connection =
  /^ansible_(?:(?:ssh|become|winrm|sudo|su|paramiko|docker|podman|local|psrp|network|httpapi|sftp|scp)_\w+|host|port|user|password|connection|become|pipelining|timeout|remote_tmp|async_dir|group_priority|shell_(?:type|executable)|\w+_interpreter)$/;

const others = new Set([
  'environment',
  'item',
  'omit',
  'play_hosts',
  'ansible_play_hosts',
  'role_name',
  'role_names',
  'role_path',
  'discovered_interpreter_python',
]);

/** Whether Ansible knows a name only in a run, such as a fact: what it would be there cannot be told before. */
export function isRunTimeName(name: string): boolean {
  return others.has(name) || (name.startsWith('ansible_') && !connection.test(name));
}
