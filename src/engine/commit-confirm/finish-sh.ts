/**
 * sh: what sees to it that a change is put back even by a boot, and what ends it all. Expects the folder of the change in
 * `$g`, that of all of them in `$o`, and `booted` of `saveSh`.
 *
 * A unit that is there for the next boot alone must not make systemd's unit files look changed to anybody, so folders
 * and files keep their times.
 */
export const finishSh = `
boot_unit=/etc/systemd/system/play-commit-confirm.service
boot_wants=/etc/systemd/system/sysinit.target.wants
boot_keep() { mkdir -p "$boot_wants" && touch -r /etc/systemd/system "$o/.units" && touch -r "$boot_wants" "$o/.wants"; }
boot_done() {
  touch -r "$o/.wants" "$boot_wants"; touch -r "$o/.units" /etc/systemd/system
  rm -f "$o/.units" "$o/.wants"
}
boot_on() {
  [ ! -L "$boot_wants/\${boot_unit##*/}" ] || return 0
  boot_keep || return
  tables=$(cd /etc/systemd/system && for f in play-nftables-*.service; do [ ! -f "$f" ] || printf ' %s' "$f"; done)
  { cat <<END
[Unit]
Description=Puts back what play changed and nobody confirmed
DefaultDependencies=no
RequiresMountsFor=$o
After=local-fs.target
Before=sysinit.target shutdown.target network-pre.target nftables.service netfilter-persistent.service networking.service systemd-networkd.service ssh.service ssh.socket sshd.service$tables
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'for u in $o/*/undo; do [ ! -f "\\$\\$u" ] || sh "\\$\\$u" boot; done'
END
  } >"$o/.unit" && chmod 644 "$o/.unit" && touch -r "$o/.units" "$o/.unit" &&
    cp -p "$o/.unit" "$boot_unit.new" && sync "$boot_unit.new" && mv -f "$boot_unit.new" "$boot_unit" && rm -f "$o/.unit" &&
    ln -sf "../\${boot_unit##*/}" "$boot_wants/" && touch -h -r "$o/.units" "$boot_wants/\${boot_unit##*/}"
  boot_code=$?
  boot_done
  return "$boot_code"
}
boot_off() {
  [ -e "$boot_unit" ] || [ -L "$boot_wants/\${boot_unit##*/}" ] || return 0
  boot_keep
  rm -f "$boot_wants/\${boot_unit##*/}" "$boot_unit" "$boot_unit.new"
  boot_done
  # Somebody had systemd read all units meanwhile, or a boot did, so it knows this one.
  case $(systemctl show -p LoadState --value "\${boot_unit##*/}" 2>/dev/null) in
    loaded) systemctl --quiet stop "\${boot_unit##*/}"; systemctl daemon-reload ;;
  esac
}
finish() {
  case $mode in timer|boot) ;; *)
    if [ -s "$g/waits" ]; then kill -- "-$(cat "$g/waits")" 2>/dev/null
    else ! booted || systemctl --quiet --no-block stop "play-commit-confirm-\${g##*/}-*.timer" 2>/dev/null
    fi ;;
  esac
  rm -rf -- "$g"
  # As long as systemd is booting it is not to read its units anew: the next run sees to that.
  [ "$mode" = boot ] || swept
}
# Of all changes nothing is left.
swept() {
  for left in "$o"/*/undo; do [ ! -f "$left" ] || return 0; done
  [ "$(id -u)" != 0 ] || boot_off
  rmdir "$o" "\${o%/*}" 2>/dev/null || :
}
`;
