/*
 * What Debian makes by itself: its installer, maintainer scripts and tools that run at boot. None of it says that somebody was
 * at work. Files of packages are not among it: dpkg knows those.
 */

/** Packages that are on a host for its own sake, though no other package asks for them. */
export function isGround(name: string): boolean {
  return /^(?:lib.*|whiptail|openssh-(?:server|client|sftp-server)|sudo|linux-(?:image|headers|base).*|grub.*|shim.*|efi.*|firmware-.*|.*-microcode|task(?:sel|-).*|locales|console-setup.*|keyboard-configuration|kbd|os-prober|discover.*|installation-report|laptop-detect|popularity-contest|cloud-(?:init|guest-utils).*|qemu-guest-agent|usrmerge|perl.*|python3.*-minimal|gcc-\d+-base|zlib1g|xz-utils|bzip2|dmsetup|cryptsetup.*|lvm2|mdadm|e2fsprogs|parted|gdisk|ucf|dbus.*|systemd.*|isc-dhcp-.*|ifupdown|apt-utils|ca-certificates|curl|wget|gnupg.*|gpg.*|less|vim-(?:tiny|common)|nano)$/.test(
    name,
  );
}

const exact = new Set(
  [
    '.pwd.lock .updated adjtime ca-certificates.conf ca-certificates.conf.dpkg-old debian_version environment fstab group group- gshadow gshadow-',
    'hostname hosts hosts.allow hosts.deny inputrc ld.so.cache locale.conf locale.gen localtime machine-id mailname modules motd mtab networks',
    'network/interfaces nsswitch.conf os-release papersize passwd passwd- profile resolv.conf resolvconf.conf security/opasswd shadow shadow- shells',
    'subgid subgid- subuid subuid- timezone vconsole.conf nologin default/locale default/keyboard default/console-setup default/grub kernel-img.conf',
    'dpkg/origins/default initramfs-tools/conf.d/resume rpc emacs/site-start.d/.placeholder',
    'apt/sources.list apt/sources.list.d/debian.sources apt/trusted.gpg aliases aliases.db',
  ]
    .join(' ')
    .split(' ')
    .map((path) => `/etc/${path}`),
);

const patterns = [
  /^\/etc\/(?:alternatives|rc[0-9S]\.d|runit\/runsvdir|udev\/hwdb\.bin|cloud|console-setup|lvm\/(?:archive|backup)|apparmor\.d\/(?:local|cache|cache\.d)|mdadm|polkit-1|pam\.d\/common-)/,
  /^\/etc\/ssl\/certs\/(?:[^/]+\.0|ca-certificates\.crt|java\/.*|[^/]+\.pem)$/,
  /^\/etc\/ssl\/(?:certs\/ssl-cert-snakeoil\.pem|private\/ssl-cert-snakeoil\.key)$/,
  /^\/etc\/ssh\/(?:ssh_host_.*_key(?:\.pub)?|moduli)$/,
  /^\/etc\/systemd\/(?:system|user)\/[^/]+\.(?:wants|requires)\//,
  /^\/etc\/systemd\/system-(?:generators|environment-generators|shutdown|sleep)\//,
  /^\/etc\/(?:.*\/)?\.placeholder$/,
  /\.(?:dpkg|ucf)-(?:old|dist|new|bak|tmp)$/,
  /^\/etc\/.*~$/,
];

/** What throwaway hosts have that others do not: their login, and the way to this machine's packages. */
export const throwawayMade: ReadonlySet<string> = new Set([
  '/etc/sudoers.d/admin',
  '/etc/apt/apt.conf.d/10machine',
  '/etc/apt/apt.conf.d/00sandbox-proxy',
]);

/** A file of /etc that no package has, and that is nobody's work. */
export function isDebianMade(path: string): boolean {
  return exact.has(path) || patterns.some((pattern) => pattern.test(path));
}
