import type { Step, StepOutput } from '../../contract/index.ts';

/** Makes systemd read its unit files anew. */
export const daemonReload: Step = {
  script: 'systemctl --no-ask-password daemon-reload',
  label: 'make systemd read its unit files again',
};

/** Enables, disables or masks a unit. */
export function enablement(verb: 'enable' | 'disable' | 'mask', unit: string): Step {
  return { script: 'systemctl --no-ask-password "$1" -- "$2"', args: [verb, unit], label: `${verb} ${unit}` };
}

/** Disables a unit; `runtime`: what enables it until the next boot goes too. */
export function disable(unit: string, runtime: boolean): Step {
  if (!runtime) return enablement('disable', unit);
  return {
    script: 'systemctl --no-ask-password disable -- "$1" && systemctl --no-ask-password --runtime disable -- "$1"',
    args: [unit],
    label: `disable ${unit}`,
  };
}

/** Takes away the mask, and the one below /run that it may hide. */
export function unmask(unit: string): Step {
  return {
    script: 'systemctl --no-ask-password unmask -- "$1" && systemctl --no-ask-password --runtime unmask -- "$1"',
    args: [unit],
    label: `unmask ${unit}`,
  };
}

// systemctl waits for the job, and for Type=simple that is over once the process is forked, before its program has
// looked at its configuration. So a service counts as started when it stays up for a moment: a second where systemd
// cannot know better, less where the service itself said that it is ready (systemd.service(5), Type=). The look at the
// end is enough, as systemd counts restarts; the ones soon after the start bring bad news earlier. Each look costs the host
// two processes and some of systemd's time.
const lookSh = `
look() {
  type= active= sub= restarts=0 result= condition= conditioned=0
  while IFS='=' read -r key value; do
    case $key in
      Type) type=$value;; ActiveState) active=$value;; SubState) sub=$value;; NRestarts) restarts=$value;;
      Result) result=$value;; ConditionResult) condition=$value;; ConditionTimestampMonotonic) conditioned=$value;;
    esac
  done <<EOF
$(systemctl show -p Type,ActiveState,SubState,NRestarts,Result,ConditionResult,ConditionTimestampMonotonic -- "$unit")
EOF
}
fail() {
  echo "$1" >&2
  systemctl status --no-pager --full --lines=0 -- "$unit" >&2
  journalctl --sync >/dev/null 2>&1
  echo "Its last words in the journal:" >&2
  journalctl --no-pager --quiet --unit="$unit" --since="@$began" --lines=20 --output=cat >&2
  exit 1
}
judge() {
  [ "$sub" != auto-restart ] && [ "$restarts" -le "$base" ] || fail "$unit was started, but died at once ($result)"
  case $active in
    failed) fail "$unit was started, but died at once ($result)";;
    inactive) fail "$unit was started, but ended at once";;
  esac
}
# Hundredths of a second since the boot.
moment() { read -r up _ </proc/uptime; moment=$((\${up%.*} * 100 + 1\${up#*.} - 100)); }
`;

const operateScript = `
verb=$1 unit=$2 part=\${3-}
began=$(date +%s)
${lookSh}
base=0
if [ "$verb" = reload ]; then
  look
  base=$restarts
fi
# Starts of the last seconds, by handlers or by a roll-out that goes back, must not make systemd refuse this one, which
# would leave the unit down: reset-failed forgets them, as its manual page has it for administrators.
case $verb in start|restart) systemctl reset-failed -- "$unit" 2>/dev/null;; esac
systemctl --no-ask-password "$verb" -- "$unit" >&2 || fail "systemctl $verb $unit failed"
look
if [ "$verb" = stop ]; then
  case $active in inactive|failed) exit 0;; esac
  fail "$unit is still $active"
fi
# A unit that systemd has let go of, being inactive, knows nothing of its conditions: then the journal tells.
[ "$condition" != no ] || [ "$conditioned" = 0 ] || [ "$active" = active ] || fail "systemd did not start $unit: a condition in its unit file (Condition...=) does not hold on this host"
case $unit in
  *.service) ;;
  *) [ "$active" = active ] || fail "$unit is $active"; exit 0;;
esac
case $type in
  oneshot) [ "$result" = success ] || fail "$unit failed ($result)"; exit 0;;
  notify|notify-reload|dbus|forking) early= late=0.3 all=30;;
  *) early=0.2 late=0.8 all=100;;
esac
judge
moment
if [ "$early" ]; then
  sleep "$early"
  look
  judge
fi
if [ "$part" = first ]; then
  echo "$base $began $((moment + all))"
  exit
fi
sleep "$late"
look
judge`;

const lastLookScript = `
unit=$1 base=$2 began=$3 at=$4
${lookSh}
moment
left=$((at - moment))
if [ "$left" -gt 0 ]; then sleep "$((left / 100)).$((left % 100 / 10))$((left % 10))"; fi
look
judge`;

/** The last look at a unit, at the time that the first part of its step named. */
function lastLook(label: string, unit: string, { stdout }: StepOutput): Step | undefined {
  const said = /^(\d+) (\d+) (\d+)$/.exec(stdout.trim());
  return said === null ? undefined : { script: lastLookScript, args: [unit, ...said.slice(1)], label };
}

/**
 * Starts, stops, restarts or reloads a unit, and sees that it stays so; what went wrong is told with the journal's last
 * lines.
 */
export function operate(verb: 'start' | 'stop' | 'restart' | 'reload', unit: string): Step {
  const label = `${verb} ${unit}`;
  const first = { script: operateScript, args: [verb, unit, 'first'], label };
  const look = (output: StepOutput): Step | undefined => lastLook(label, unit, output);
  return { script: operateScript, args: [verb, unit], label, ...(verb === 'stop' ? {} : { inParts: { first, look } }) };
}
