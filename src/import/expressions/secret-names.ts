import type { Code } from './code.ts';

const secretName = /vault|(?<!getent_?|no)passw|passphrase|secret|token|credential|private_?key|api_?key|_key\b/i;

/** Whether a variable is likely to be kept in a vault: the inventory gives a secret then, which is no text here. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** The same of a value of which nothing else is known. */
export const mayBeSecret = ({ kind, text }: Code): boolean => kind === 'any' && isSecretName(text);

/** What of a text is Jinja. */
export const codeIn = (text: string): string => (text.match(/\{[{%][^]*?[%}]\}/g) ?? []).join(' ');
