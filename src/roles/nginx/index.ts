import {
  apt,
  command,
  copy,
  defineRole,
  file,
  handler,
  lineinfile,
  option,
  systemd,
  systemFiles,
  topic,
  transaction,
} from 'play';

const check = handler('check nginx', () => command({ argv: ['nginx', '-t'], changes: 'never' }));
const reload = handler('reload nginx', () => systemd({ name: 'nginx', state: 'reloaded' }));
/**
 * Notify this after changing what nginx reads. A configuration it would refuse stops here, and the running one goes on.
 */
export const nginxChanged = topic('nginx changed', [check, reload]);

/** nginx without Debian's welcome page. The roles that add sites start it: one bad site would keep it from coming up. */
export const nginx = defineRole(import.meta, {
  description: "nginx without Debian's welcome page. The roles that add sites start it, after their sites.",
  vars: { nginx_settings: option.text('Settings for all sites, as in a file of conf.d.', 'server_tokens off;\n') },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) => [
    apt({ name: 'nginx' }),
    transaction(
      [
        // nginx takes it once, and since trixie Debian's own file has it.
        ...(vars.nginx_settings.includes('server_tokens')
          ? [
              lineinfile(
                { path: '/etc/nginx/nginx.conf', regexp: '^\\s*server_tokens\\s', state: 'absent' },
                { name: "leave server_tokens to the role's settings", notify: nginxChanged },
              ),
            ]
          : []),
        copy({ content: vars.nginx_settings, dest: '/etc/nginx/conf.d/local.conf' }, { notify: nginxChanged }),
        file({ path: '/etc/nginx/sites-enabled/default', state: 'absent' }, { notify: nginxChanged }),
      ],
      { name: 'settings of nginx', validate: 'nginx -t' },
    ),
  ],
});
