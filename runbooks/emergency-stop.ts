import { defineRunbook, health, hold, option, shell, supervisor, systemd, uri, v, waitFor } from 'play';

const service = option.object('A service: what is stopped, and how it is seen to be back.', {
  hosts: option.text('The hosts it runs on, as a pattern.'),
  unit: option.text('Its unit; `supervisor:NAME` is a program of supervisord.'),
  port: v.optional(option.port('A TCP port that is closed while it is stopped, and open once it is back.')),
  url: v.optional(option.url('What answers 200 once it is back, asked on the host itself.')),
  health: v.optional(
    option.object(
      'How it is once it is back, with the options of `health`: goes on from green, asks on yellow, stops on red.',
      health.resource.options,
    ),
  ),
  hostsAtATime: v.optional(option.integer('How many hosts are started at a time. Default: all.')),
});

const holder = 'emergency-stop';

function switched(unit: string, state: 'started' | 'stopped') {
  const program = /^supervisor:(.+)$/.exec(unit)?.[1];
  return program === undefined ? systemd({ name: unit, state }) : supervisor({ name: program, state });
}

/** Stops several services in order, and starts them in reverse. */
export default defineRunbook({
  title: 'Stop everything, and start it again',
  description:
    'When going on makes it worse: data is lost, a cluster is red, a flood comes in. Services are stopped in the order of `stop_order`, each only once the one before is down on all its hosts; `--back` starts them in reverse, each only once the one before is healthy. While they are stopped they are held, so that playbooks, drift and the deployer leave them alone; `play status` says so. They stay enabled: a host that boots meanwhile starts them.',
  vars: {
    stop_order: option.list(
      'The services, the first to be stopped first: what takes work in before what does it.',
      service,
      v.minLength(1, 'must name a service'),
    ),
    reason: option.text('Why, for those who meet what is held.', 'emergency stop'),
    healthy_within: option.integer('Seconds that a service may take to be healthy.', 300, v.minValue(5)),
  },
  steps: ({ vars }) => [
    {
      name: 'agree',
      question: `This stops ${vars.stop_order.map(({ unit, hosts }) => `${unit} on ${hosts}`).join(', then ')}.`,
      type: 'stop',
    },
    ...vars.stop_order.map(({ hosts, unit, port, url, health: level, hostsAtATime }) => ({
      name: `stop ${unit} on ${hosts}`,
      hosts,
      become: true,
      ...(hostsAtATime === undefined ? {} : { serial: hostsAtATime }),

      // A gate that cannot ask would be found out with everything down.
      before: () =>
        [url, level?.url, level?.query].every((one) => one === undefined)
          ? []
          : [
              shell(
                { cmd: 'command -v curl || command -v wget', changes: 'never' },
                { name: `there is curl or wget, to ask how ${unit} is later` },
              ),
            ],
      tasks: () => [hold({ unit, holder, reason: vars.reason }), switched(unit, 'stopped')],
      after: () =>
        port === undefined
          ? []
          : [waitFor({ port, state: 'stopped' as const, timeout: 60 }, { name: `${unit} has let go of port ${port}` })],
      // Held until it is well: of one that does not come back, nothing else starts this or that.
      back: () => [
        hold({ unit, holder, reason: vars.reason }),
        switched(unit, 'started'),
        ...(port === undefined ? [] : [waitFor({ port, timeout: vars.healthy_within })]),
        ...(url === undefined ? [] : [uri({ url, retries: Math.ceil(vars.healthy_within / 5), delay: 5 })]),
        ...(level === undefined
          ? []
          : [health({ ...level, retries: Math.max(level.retries, Math.ceil(vars.healthy_within / level.delay)) })]),
        hold({ unit, holder, state: 'absent' as const }),
      ],
    })),
  ],
});
