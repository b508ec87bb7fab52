/**
 * Shell text that installs packages, and says what apt said only where that fails. By the lists that the host stands
 * on; they are fetched anew only where the archive no longer has what they name.
 */
export function install(...packages: readonly string[]): string {
  const get = `DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  return `{ ${get} || { apt-get update && ${get}; }; } >/root/apt.log 2>&1 || { tail -n 20 /root/apt.log >&2; exit 1; }
rm -f /root/apt.log`;
}
