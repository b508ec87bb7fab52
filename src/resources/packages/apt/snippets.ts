/**
 * The parts of a postinst that debhelper wrote (dh_installsystemd(1), dh_installsysusers(1), dh_installtmpfiles(1)).
 * They are the same in every package and what they do in a first installation is known, unlike what people write around
 * them.
 */
export interface Snippet {
  /** The tool that wrote it: `dh_installsystemd`. */
  readonly tool: string;
  readonly text: string;
}

const section = /^# Automatically added by (dh_\w+)(?:\/\S*)?\n([^]*?)^# End automatically added section$/gm;

/**
 * Those snippets that are sure to be reached: outside of any condition, with nothing before them that ends the script
 * early.
 */
export function sureSnippets(postinst: string): Snippet[] {
  if (!/^#!\s*\/(?:usr\/)?bin\/(?:sh|dash|bash)\b/.test(postinst)) return [];
  return [...postinst.matchAll(section)].flatMap((match) => {
    const [, tool = '', text = ''] = match;
    // This one is about units that an earlier version of the package enabled: nothing on a first installation.
    if (/deb-systemd-helper debian-installed/.test(text)) return [];
    return isReached(byHand(postinst.slice(0, match.index))) ? [{ tool, text }] : [];
  });
}

/**
 * What people wrote into a script, as far as a first installation gets there: without comments, debhelper's parts,
 * calls of dpkg for other occasions, and upgrades.
 */
export function byHand(script: string): string {
  return script
    .replace(section, '')
    .replace(/(^|\s)#.*$/gm, '$1')
    .replace(otherOccasions, '')
    .replace(ofUpgrades, '');
}

/** Branches of `case "$1" in` for what is no installation (deb-postinst(5)). */
const otherOccasions = /^[ \t]*(?:(?:triggered|upgrade|abort-\w+)[ \t]*\|?[ \t]*)+\)(?:(?!;;)[^])*;;/gm;

/** dpkg(1): to these comparisons no version at all is a later one; `$2` is the version before. */
const ofUpgrades =
  /\bif[ \t]+dpkg[ \t]+--compare-versions[ \t]+"\$2"[ \t]+(?:l[te]-nl|g[te])[ \t]+\S+[ \t]*;?\s*then\b(?:(?!\b(?:if|fi|else|elif)\b)[^])*\bfi\b/g;

/** The script as it runs in a first installation: without what only cares for units of earlier versions. */
export function forFirstInstallation(script: string): string {
  return script.replace(section, (whole: string) => (/deb-systemd-helper debian-installed/.test(whole) ? '' : whole));
}

const opener = /(?:^|[;&|({]|\b(?:then|do|else))[ \t]*(?:if|case|for|while|until)\b|(?:^|[\s;])\{(?=\s)/gm;
const closer = /(?:^|[;&|({]|\b(?:then|do|else))[ \t]*(?:fi|esac|done)\b|(?:^|[\s;])\}(?=[\s;]|$)/gm;

/** The usual way out of whatever is no installation: `if [ "$1" != configure ]; then exit 0; fi`. */
const unlessConfigure =
  /\bif[ \t]+\[[ \t]+"?\$\{?(?:1|action)\}?"?[ \t]+!=[ \t]+"?configure"?[ \t]+\][ \t]*;?\s*then\s+exit(?:[ \t]+0)?\s*;?\s*fi\b/g;

/** Errors in reading shell like this make a sure thing a guess, which is said; only by luck the reverse. */
function isReached(before: string): boolean {
  const code = withoutReturns(before)
    .replace(unlessConfigure, '')
    .replace(/"(?:\\.|[^"\\])*"|'[^']*'/g, '""');
  const count = (pattern: RegExp): number => [...code.matchAll(pattern)].length;
  // `exit 1` fails the installation. `exec` and `return` may go anywhere.
  return count(opener) === count(closer) && !/\b(?:exit(?:[ \t]+0)?[ \t]*(?:;|$)|exec\b|return\b)/m.test(code);
}

/** `return` in a function leads to where it was called. */
function withoutReturns(script: string): string {
  return script.replace(/^[\w-]+[ \t]*\(\)[ \t]*\{\n[^]*?^\}/gm, (body) => body.replace(/\breturn\b/g, ''));
}
