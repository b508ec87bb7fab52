/** sh that prints whatever a change that waited for its confirmation has left on a host. */
export const left =
  'ls -d /etc/systemd/system/play-commit* /etc/systemd/system/*/play-commit* /var/lib/play/commit-confirm/*/ 2>/dev/null; systemctl list-units --all "play-commit*" --no-legend; find /etc /home -name ".play*"; :';
