/**
 * How the comment begins of rules that `play allow-me` put into a chain for a time: they are the operator's, and no part
 * of what a playbook wants of the firewall.
 */
export const allowMark = 'play allow-me ';
