/**
 * Units that make no sense in a twin, or would take it from the network it is reached by: networks, clocks, disks, the
 * cloud it is from, and what upgrades packages at its own time.
 */
const ofTheMachine =
  /^(?:systemd-(?:networkd|resolved|timesyncd|modules-load|udev|boot|pcr|tpm|hibernate|suspend|remount-fs|growfs|homed)[\w@.-]*|NetworkManager[\w-]*|networking|ifup@[^/]*|dhcpcd[\w-]*|wpa_supplicant[\w@-]*|netplan[\w-]*|cloud-[\w-]+|waagent|walinuxagent|google-[\w-]+|amazon-[\w-]+|qemu-guest-agent|open-vm-tools|vgauth|multipathd?|iscsid?|open-iscsi|lvm2-[\w@-]+|mdmonitor|mdadm[\w-]*|mdcheck[\w-]*|smartd|smartmontools|fstrim|e2scrub[\w@-]*|apt-daily(?:-upgrade)?|unattended-upgrades|packagekit|fwupd[\w-]*|apparmor|auditd|kdump[\w-]*|keyboard-setup|console-setup|getty@[^/]*|serial-getty@[^/]*|console-getty)\.(?:service|socket|timer|path)$/;

/** Of a host's units those that its twin does not run; `ssh.socket` would take the port that play gets in by. */
export function maskedInTwin(units: Iterable<string>): string[] {
  return [...new Set(['ssh.socket', ...[...units].filter((name) => ofTheMachine.test(name))])].toSorted();
}
