/** Scripts of POSIX sh, read and never run. */
export { readScript } from './read-script.ts';
export { UnreadShell, type Command, type Part, type Redirection, type Script, type Word } from './syntax.ts';
