/**
 * sh: for tools that go by names, and run or write what they find there (git, Python, useradd). Needs `walkSh`; holds
 * no single quote.
 *
 * - `own_folder PATH`: goes to the path, or to the nearest folder above it that is there. Fails where others could swap
 *   a part of the way, or write in
 *   that folder; `foreign` is the folder then.
 * - `own_below`: fails where a folder below the one we are in is another's, or others may write in it; `foreign` is its
 *   path from here then.
 * - `own_program FILE...`: fails where a program could be another by the hand of others; goes elsewhere, too.
 * - `foreign_owner`: whose `foreign` is, or what is above it where that is root's; `root` where others may but write in
 *   it.
 */
export const ownFolderSh = `
own_others="( ! -user 0 -o -perm -020 ! -group 0 -o -perm -002 )"
own_folder() {
  foreign=$1
  while [ ! -d "$foreign/" ]; do foreign=\${foreign%/*}; done
  foreign=\${foreign:-/}
  enter "$foreign" && [ -n "$sure" ] && [ -n "$guarded" ]
}
own_below() {
  foreign=$(find . -xdev -mindepth 1 -type d $own_others -print | head -n 1)
  [ -z "$foreign" ]
}
own_program() {
  for f do
    f=$(readlink -f -- "$f")
    own_folder "\${f%/*}" || return
    foreign=$f
    [ "$(stat -c %u -- "$f")" = 0 ] && [ $((0x$(stat -c %f -- "$f") & 022)) = 0 ] || return
  done
}
foreign_owner() {
  foreign_at=$foreign foreign_whose=root
  while [ "$foreign_whose" = root ] && [ -n "\${foreign_at%/}" ]; do foreign_whose=$(stat -L -c %U -- "$foreign_at"); foreign_at=\${foreign_at%/*}; done
  echo "$foreign_whose"
}
`;
