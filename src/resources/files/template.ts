import * as v from 'valibot';
import type { ResourceScope } from '../../contract/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { mergeVariables } from '../../inventory/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal } from '../../secrets/index.ts';
import { renderTemplate, templateText } from '../../template/index.ts';
import { fileDefaults } from '../kit/defaults.ts';
import { placedQuestions, placeFor, planPlaced, type PlacedFile } from '../kit/destination.ts';
import { attributes } from '../kit/file-flags.ts';
import { modeOf, readRoleFile, roleFile } from '../kit/role-file.ts';
import {
  backup,
  destination,
  followDest,
  force,
  group,
  modeOrPreserve,
  owner,
  text,
  validate,
} from '../kit/schemas.ts';

/** A file rendered from one of the role's `templates/`. */
export const template = defineResource({
  name: 'template',
  summary: "Renders one of the role's `templates/` (Handlebars, strict, never HTML-escaped) to a file on the host.",
  options: {
    src: text("The template: a path relative to the role's `templates/`, or an absolute one."),
    dest: destination(
      'Where to put the file; if this is a directory or ends in a slash: in that directory, under the full name of `src`. With a slash the directory is created if it is missing. If several tasks of a play put files into one directory, all of them need the slash.',
    ),
    follow: followDest,
    force,
    vars: v.optional(
      v.pipe(
        v.record(v.string(), v.unknown()),
        v.description("Variables for the template, in addition to the role's and to those that every template has."),
      ),
      {},
    ),
    mode: modeOrPreserve,
    owner,
    group,
    attributes,
    validate,
    backup,
  },
  example: `template(
  { src: 'prometheus.yml.hbs', dest: '/etc/prometheus/prometheus.yml', mode: '0644', validate: 'promtool check config %s' },
  { tags: 'prometheus-conf', notify: reload },
)`,
  defaults: fileDefaults,
  title: (options) => options.dest ?? '',
  prepare({ src, dest, vars, mode, ...rest }, scope): PlacedFile {
    const { bytes, isSecret } = readRoleFile(scope, 'templates', src);
    const rendered = renderTemplate({
      file: roleFile(scope, 'templates', src),
      text: templateText(bytes, roleFile(scope, 'templates', src)),
      context: mergeVariables(everywhere(scope), scope.vars, vars),
    });
    return {
      ...rest,
      ...placeFor(dest, src),
      mode: mode === 'preserve' ? modeOf(roleFile(scope, 'templates', src)) : mode,
      content: utf8.encode(reveal(rendered.text)),
      ...(isSecret ? { secrets: true as const } : rendered.secrets.length > 0 ? { secrets: rendered.secrets } : {}),
    };
  },
  probes: placedQuestions,
  plan: planPlaced,
  owns: (file) => [{ on: 'path', path: file.path }],
});

/** What every template sees besides the role's variables and the option `vars`, which take precedence. */
export interface TemplateNames {
  /** The host: `host.name`, `host.groups`, `host.vars`. */
  readonly host: ResourceScope['host'];
  /** The hosts of every group, including those outside `--limit`. */
  readonly groups: ResourceScope['groups'];
  /** The static variables of every host, including those outside `--limit`. */
  readonly hostvars: ResourceScope['hostvars'];
  /** The same as `host.name`. */
  readonly inventory_hostname: string;
  /** Its name up to the first dot. */
  readonly inventory_hostname_short: string | undefined;
  /** The same as `host.groups`. */
  readonly group_names: readonly string[];
  /** The hosts of this play, in order. */
  readonly ansible_play_hosts: readonly string[];
}

function everywhere({ host, groups, hostvars, playHosts }: ResourceScope): Record<string, unknown> {
  const names: TemplateNames = {
    host,
    groups,
    hostvars,
    inventory_hostname: host.name,
    inventory_hostname_short: host.name.split('.')[0],
    group_names: host.groups,
    ansible_play_hosts: playHosts,
  };
  return { ...names };
}
