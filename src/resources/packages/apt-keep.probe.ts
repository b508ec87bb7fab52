/**
 * Keeps what planned packages bring below /usr, so that checkers among it can be run in check mode (engine/staging.ts).
 * It lies in the lane's own folder, which is private, mostly on tmpfs, and goes with the lane or is swept by the next
 * one.
 */
export const keepSh = String.raw`
kept=${'$'}{0%/*}
case $kept in */play.[0-9]*) kept=$kept/packages;; *) kept=;; esac
# Memory is not ours to fill: no more than 300 MB in all, and half of what is free. $1: the listings of all; then the packages.
keep() {
  [ -n "$kept" ] || return
  now=$(grep -vE ' \./(etc|var|boot|usr/share/(doc|man|locale|javascript|nodejs|fonts|icons))/' "$1" | awk '{ n += $3 } END { print int(n / 1024) }'); shift
  all=$(( now + $(cat "$kept.size" 2>/dev/null || echo 0) ))
  free=$(df -Pk "${'$'}{kept%/*}" | awk 'NR == 2 { print $4 + 0 }')
  [ "$all" -le 307200 ] && [ $((now * 2)) -le "$free" ] || return
  echo "$all" >"$kept.size"
  mkdir -p "$kept"
  for deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -xf - -C "$kept" --exclude=./etc --exclude=./var --exclude=./boot --exclude=./usr/share/doc --exclude=./usr/share/man \
      --exclude=./usr/share/locale --exclude=./usr/share/javascript --exclude=./usr/share/nodejs --exclude=./usr/share/fonts --exclude=./usr/share/icons
  done
  # On the host these are links into /usr.
  for t in bin sbin lib lib64; do
    [ -d "$kept/$t" ] || continue
    mkdir -p -m 0755 "$kept/usr/$t" && cp -a "$kept/$t/." "$kept/usr/$t" && rm -rf "$kept/$t"
  done
  [ ! -d "$kept/usr" ] || chmod 0755 "$kept/usr"
} >/dev/null 2>&1
`;
