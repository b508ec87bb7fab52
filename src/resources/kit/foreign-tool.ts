/**
 * Why root does not run a tool that does what others put there may say, and what to do about it.
 *
 * @param what the tool, and where: `git is not run in /srv/app`
 * @param at what others could swap or write in; `owner` is root where it is root's, and others may write in it
 */
export function whyNotAsRoot(
  what: string,
  { path: at, owner }: { readonly path: string; readonly owner: string },
): { readonly failure: string; readonly hint: string } {
  const whose = owner === 'root' ? `others may write in ${at}` : `${at} belongs to ${owner}`;
  return {
    failure: `as root ${what}: ${whose}, who could have it run what they put there`,
    hint:
      owner === 'root'
        ? `Take that permission away: file({ path: '${at}', mode: 'go-w' })`
        : `Act with their rights: \`becomeUser: '${owner}'\`. Or make root the owner of everything there.`,
  };
}
