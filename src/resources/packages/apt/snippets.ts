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

/** A script without comments and without debhelper's parts. */
export function byHand(script: string): string {
  return script.replace(section, '').replace(/(^|\s)#.*$/gm, '$1');
}

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
  const code = before.replace(unlessConfigure, '').replace(/"(?:\\.|[^"\\])*"|'[^']*'/g, '""');
  const count = (pattern: RegExp): number => [...code.matchAll(pattern)].length;
  // `exit 1` fails the installation. `exec` and `return` may go anywhere.
  return count(opener) === count(closer) && !/\b(?:exit(?:[ \t]+0)?[ \t]*(?:;|$)|exec\b|return\b)/m.test(code);
}
