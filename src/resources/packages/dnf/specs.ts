/**
 * What dnf takes for a package: a name, with version, release and architecture behind it or not, what packages provide,
 * a group or module (`@`), or a file or address of one.
 */
export const specPattern = /^(?:@\^?[\w+:./ -]+|(?:https?|ftp):\/\/[^\s'"]+|[\w/*][\w+.:~^/()*?-]*)$/;

/** Whether it names a package by its file. */
export const isFile = (spec: string): boolean => spec.endsWith('.rpm') && /^\/|:\/\//.test(spec);

/** A group of packages, or a module. */
export const isGroup = (spec: string): boolean => spec.startsWith('@');

export const hasWildcards = (spec: string): boolean => /[*?]/.test(spec);

/** The version without an epoch of 0, as people write it. */
export const shownVersion = (evr: string): string => evr.replace(/^0:/, '');

/** The name in `name-epoch:version-release.arch`, with or without `-` before it. */
export const nameOf = (nevra: string): string => nevra.replace(/^-/, '').replace(/-[^-]*-[^-]*$/, '');

/** Whether a name that is asked for may mean this package. */
export const mayMean = (spec: string, name: string): boolean =>
  spec === name || spec.startsWith(`${name}-`) || spec.startsWith(`${name}.`);
