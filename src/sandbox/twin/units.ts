/**
 * Units that would take a twin from the network it is reached by, look for a cloud or disks it has not, or upgrade its
 * packages at their own time. No more of them: a playbook that restarts one that is masked fails, and would not on the host.
 */
const ofTheMachine =
  /^(?:systemd-(?:networkd[\w-]*|modules-load)|NetworkManager[\w-]*|networking|ifup@[^/]*|dhcpcd[\w-]*|wpa_supplicant[\w@-]*|netplan[\w-]*|cloud-[\w-]+|waagent|walinuxagent|google-[\w-]+|amazon-[\w-]+|qemu-guest-agent|open-vm-tools|vgauth|multipathd?|iscsid?|open-iscsi|lvm2-[\w@-]+|mdmonitor|mdadm[\w-]*|mdcheck[\w-]*|smartd|smartmontools|fstrim|e2scrub[\w@-]*|apt-daily(?:-upgrade)?|unattended-upgrades|packagekit|fwupd[\w-]*|kdump[\w-]*|getty@[^/]*|serial-getty@[^/]*|console-getty)\.(?:service|socket|timer|path)$/;

/** Of a host's units those that its twin does not run; `ssh.socket` would take the port that play gets in by. */
export function maskedInTwin(units: Iterable<string>): string[] {
  return [...new Set(['ssh.socket', ...[...units].filter((name) => ofTheMachine.test(name))])].toSorted();
}
