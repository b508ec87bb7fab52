import { apt, command, copy, defineRole, file, handler, systemd, topic, systemFiles } from 'play';

// A configuration that nginx refuses stops here, and the running one goes on.
const check = handler('check nginx', () => command({ argv: ['nginx', '-t'], changes: 'never' }));
const reload = handler('reload nginx', () => systemd({ name: 'nginx', state: 'reloaded' }));

/** To be notified by whoever changes what nginx reads: it is checked first, then reloaded. */
export const nginxChanged = topic('nginx changed', [check, reload]);

/**
 * nginx without Debian's welcome page. Sites belong to the roles whose they are; these also start it, after their
 * sites: started here, one bad site would keep it, and so the run that fixes the site, from coming up.
 */
export const nginx = defineRole(import.meta, {
  defaults: { ...systemFiles, installRecommends: false },
  tasks: () => [
    apt({ name: 'nginx' }, { name: 'install nginx' }),
    copy(
      {
        content: '# No need to tell which nginx this is.\nserver_tokens off;\n',
        dest: '/etc/nginx/conf.d/ooni.conf',
      },
      { name: 'settings of nginx', notify: nginxChanged },
    ),
    file(
      { path: '/etc/nginx/sites-enabled/default', state: 'absent' },
      { name: 'no welcome page', notify: nginxChanged },
    ),
  ],
});
