import * as v from 'valibot';
import { defineResource } from '../../playbook/index.ts';
import { path, text } from '../kit/schemas.ts';
import { commandOptions, oneLine, sharedCommand } from './command-options.ts';
import { commandQuestions, planCommand, refuseCommand } from './command-run.ts';

/** Shell text. */
export const shell = defineResource({
  name: 'shell',
  summary: 'Runs shell text, with pipes, redirections and variables. If no shell is needed, `command` is safer.',
  options: {
    cmd: text('The shell text. Do not insert values that may contain blanks or quotes: pass those in `environment`.'),
    executable: v.optional(path('The shell. Default `/bin/sh`.')),
    ...commandOptions,
  },
  example: `shell({ cmd: 'openssl dhparam -out "$OUT" 2048', environment: { OUT: '/etc/ssl/dh.pem' }, creates: '/etc/ssl/dh.pem' })`,
  validateOptions: refuseCommand,
  title: (options) => oneLine(options.cmd ?? ''),
  prepare({ cmd, executable, ...shared }, scope) {
    return {
      ...sharedCommand(shared, scope),
      argv: [executable ?? '/bin/sh', '-c', cmd],
      programs: executable === undefined ? [] : [executable],
      text: oneLine(cmd),
    };
  },
  probes: commandQuestions,
  plan: planCommand,
});
