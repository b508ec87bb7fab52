import { apt, assert, defineRunbook, option, systemd, uri, v, type RunContext, type Task } from 'play';

const matcher = option.object('What an alert is told by: one of its labels.', {
  name: option.text('The label.'),
  value: option.text('Its value, or a regular expression for it.'),
  isRegex: option.flag('Whether it is an expression.', false),
});

/** By which a silence is known to be of this runbook. */
const creator = 'play runbook silenced-deploy';

interface Alertmanager {
  readonly alertmanager: string;
  readonly silence_comment: string;
}

interface Silence {
  readonly id: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly status: { readonly state: string };
}

const isSilence = (value: unknown): value is Silence =>
  typeof value === 'object' && value !== null && 'id' in value && 'createdBy' in value && 'status' in value;

/** Silences of this deploy that stand, out of what Alertmanager answered; none where it was not asked yet. */
function standing(content: string, comment: string): readonly string[] {
  const all: unknown = content === '' ? [] : JSON.parse(content);
  return (Array.isArray(all) ? all : [])
    .filter(isSilence)
    .filter((one) => one.createdBy === creator && one.comment === comment && one.status.state !== 'expired')
    .map(({ id }) => id);
}

const silences = ({ alertmanager }: Alertmanager) =>
  uri({ url: `${alertmanager}/api/v2/silences`, returnContent: true }, { name: 'silences that stand' });

/** Deploys a package while nobody is woken by it. */
export default defineRunbook({
  title: 'Deploy without an alert',
  description:
    'Silences alerts in Alertmanager, upgrades a package, restarts its unit and waits until it is well; then, whatever came of it, removes the silence. Should even that fail, the silence ends by itself.',
  vars: {
    alertmanager: option.url('Alertmanager, as it is reached on its own host.', 'http://127.0.0.1:9093'),
    silence: option.list('Which alerts: all of these labels must fit.', matcher, v.minLength(1, 'must name a label')),
    silence_minutes: option.integer('When the silence ends by itself.', 60, v.minValue(1)),
    silence_comment: option.text('Why, for whoever sees the silence.', 'a deploy'),
    deploy_hosts: option.text('Where the package is upgraded.'),
    deploy_package: option.text('The package.'),
    deploy_unit: option.text('The unit that is restarted with it.'),
    deploy_health: option.url('What answers 200 when all is well, asked on the host itself.'),
    deploy_patience: option.integer('Seconds that it may take to be well.', 120, v.minValue(1)),
  },
  steps: ({ vars }) => [
    {
      name: 'silence',
      hosts: 'monitoring',
      tasks: (context) => {
        const before = silences(context.vars);
        const now = new Date();
        const { silence: matchers, silence_minutes: minutes, silence_comment: comment } = context.vars;
        return [
          before,
          uri(
            {
              url: `${context.vars.alertmanager}/api/v2/silences`,
              method: 'POST',
              body: {
                matchers: matchers.map((one) => ({ ...one, isEqual: true })),
                startsAt: now.toISOString(),
                endsAt: new Date(now.getTime() + minutes * 60_000).toISOString(),
                createdBy: creator,
                comment,
              },
            },
            {
              name: 'silence the alerts',
              when: ({ results }) => standing(results(before).content, comment).length === 0,
            },
          ),
        ];
      },
      after: (context) => {
        const now = silences(context.vars);
        const { silence_comment: comment } = context.vars;
        return [
          now,
          assert(
            {
              that: ({ results }) => standing(results(now).content, comment).length > 0,
              failMsg: 'Alertmanager has no such silence',
            },
            { when: ({ results }) => results(now).content !== '' },
          ),
        ];
      },
      always: (context) => removal(context.vars),
    },
    {
      name: 'deploy',
      hosts: vars.deploy_hosts,
      become: true,
      serial: 1,
      tasks: () => [
        apt({ name: vars.deploy_package, state: 'latest', updateCache: true }),
        systemd({ name: vars.deploy_unit, state: 'restarted' }),
      ],
      after: () => [uri({ url: vars.deploy_health, retries: Math.ceil(vars.deploy_patience / 2), delay: 2 })],
    },
  ],
});

function removal(vars: Alertmanager): Task[] {
  const before = silences(vars);
  const first = ({ results }: RunContext): string | undefined =>
    standing(results(before).content, vars.silence_comment)[0];
  return [
    before,
    uri(
      { url: (run) => `${vars.alertmanager}/api/v2/silence/${first(run) ?? ''}`, method: 'DELETE' },
      { name: 'remove the silence', when: (run) => first(run) !== undefined },
    ),
  ];
}
