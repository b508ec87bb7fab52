import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';

/** A unit, or a process of none, some of whose processes run code that is no longer what lies on the disk. */
export interface OutdatedUnit {
  /** `nginx.service`, `session-3.scope`; `init.scope` is systemd itself. Of processes outside of any: `process NAME`. */
  readonly unit: string;
  /** The files they run that were replaced or removed, or will be: programs and libraries. */
  readonly files: readonly string[];
  /**
   * `now`: it runs them; `later`: it will, once the packages of the question are upgraded; `restarted`: it would, if the
   * scripts of these packages did not restart it.
   */
  readonly is: 'now' | 'later' | 'restarted';
  /** Of a service: what systemd knows of it; undefined of all else. */
  readonly service: { readonly type: string; readonly isActive: boolean; readonly refusesRestart: boolean } | undefined;
}

/** What still runs as it was before an upgrade. */
export interface Outdated {
  readonly units: readonly OutdatedUnit[];
  /** Packages ask for a reboot: /run/reboot-required is there, and these are named in it. */
  readonly flag: readonly string[] | null;
  /** The kernel that runs, and the newest of its kind that is installed; null where the kernel is not the host's own. */
  readonly kernel: { readonly running: string; readonly newest: string } | null;
  /** Packages of the question whose scripts will ask for a reboot. */
  readonly willAsk: readonly string[];
}

// perl is on every Debian (perl-base). What maps(5) calls "(deleted)" was replaced or removed. Processes in containers
// have namespaces, and files, of their own. Of a unit whose KillMode leaves processes alone (sshd and its sessions) only
// the main one is restarted with it.
const program = String.raw`
use strict; use warnings;
local $/ = "\n";
my @packages = @ARGV;
my $merged = -l "/lib";
sub usr { my $p = shift; $p =~ s,^/(bin|sbin|lib|lib32|lib64|libx32)/,/usr/$1/, if $merged; $p }
sub slurp { open my $in, "<", $_[0] or return ""; local $/; my $t = <$in>; defined $t ? $t : "" }
my (%planned, %restarts, @asks);
my $info = "/var/lib/dpkg/info";
for my $name (@packages) {
  my @own = grep { -e "$info/$_.list" } $name, map { m,/([^/]+)\.list$, ? $1 : () } glob "$info/$name:*.list";
  for my $own (@own) {
    $planned{usr($_)} = 1 for split /\n/, slurp("$info/$own.list");
    my $scripts = slurp("$info/$own.prerm") . slurp("$info/$own.postinst");
    push @asks, $name if $scripts =~ /reboot-required/;
    while ($scripts =~ /deb-systemd-invoke\s+(?:--\S+\s+)*\S+\s+([^|&;\n]+)/g) { my $w = $1; $restarts{$_} = 1 for $w =~ /([\w@.:\\-]+\.\w+)/g }
    while ($scripts =~ /invoke-rc\.d\s+(?:--\S+\s+)*([\w.-]+)\s+(?:restart|upgrade|force-reload|stop|try-restart|"?\$)/g) { $restarts{"$1.service"} = 1 }
    while ($scripts =~ /systemctl\s+(?:--\S+\s+)*(?:try-)?restart\s+([\w@.:-]+)/g) { my $u = $1; $u .= ".service" unless $u =~ /\.\w+$/; $restarts{$u} = 1 }
  }
}
my (%mine, $p);
for ($p = $$; $p > 1;) { $mine{$p} = 1; last unless slurp("/proc/$p/stat") =~ /^.*\) \S+ (\d+)/s; $p = $1 }
my $space = readlink "/proc/1/ns/pid";
my (%now, %later, %pids);
for my $dir (glob "/proc/[0-9]*") {
  my ($pid) = $dir =~ /(\d+)$/;
  my $own = readlink "$dir/ns/pid";
  next if defined $space && (!defined $own || $own ne $space);
  my $cgroup = slurp("$dir/cgroup");
  my ($unit) = $cgroup =~ m,^(?:0:|\d+:name=systemd):[^\n]*?/([^/\n]+\.(?:service|scope))(?:/|$),m;
  if (!defined $unit) { my $comm = slurp("$dir/comm"); chomp $comm; $unit = "process $comm" }
  open my $maps, "<", "$dir/maps" or next;
  while (<$maps>) {
    my ($file) = m,^\S+ ..x. \S+ \S+ \d+\s+(/(?:usr|opt|lib\w*|bin|sbin)/.*)$, or next;
    if ($file =~ s/ \(deleted\)$//) { $file =~ s/\.dpkg-(?:new|tmp)$//; $now{$unit}{$file}{$pid} = 1 }
    elsif ($planned{usr($file)}) { $later{$unit}{$file}{$pid} = 1 }
  }
}
my %of;
my @services = grep { /\.service$/ } keys %{{ %now, %later }};
if (@services) {
  open my $out, "-|", "systemctl", "show", "-p", "Id,MainPID,KillMode,Type,ActiveState,RefuseManualStart,RefuseManualStop,CanStart", "--", @services;
  for my $block (split /\n\n+/, join "", <$out>) { my %one = $block =~ /^(\w+)=(.*)$/mg; $of{$one{Id}} = \%one if $one{Id} }
}
my $tell = sub {
  my ($found, $when) = @_;
  for my $unit (sort keys %$found) {
    my $about = $of{$unit};
    my @files;
    for my $file (sort keys %{$found->{$unit}}) {
      my @pids = grep { !$about || ($about->{KillMode} // "") !~ /^(?:process|none)$/ ? !$mine{$_} : $_ == ($about->{MainPID} // 0) } keys %{$found->{$unit}{$file}};
      push @files, $file if @pids;
    }
    next unless @files;
    my $as = $when eq "later" && $restarts{$unit} ? "restarted" : $when;
    my $kind = $about ? join(" ", $about->{Type} || "-", $about->{ActiveState} || "-", (grep { ($about->{$_} // "") eq "yes" } qw(RefuseManualStart RefuseManualStop)) || ($about->{CanStart} // "") eq "no" ? "refuses" : "takes") : "";
    print join("\t", "unit", $unit, $as, $kind, @files), "\n";
  }
};
$tell->(\%now, "now"); $tell->(\%later, "later");
if (-e "/run/reboot-required") { my %seen; print join("\t", "flag", grep { $_ ne "" && !$seen{$_}++ } split /\n/, slurp("/run/reboot-required.pkgs")), "\n" }
my $running = slurp("/proc/sys/kernel/osrelease"); chomp $running;
if (-e "/boot/vmlinuz-$running" || -d "/lib/modules/$running" || -e "$info/linux-image-$running.list") {
  my ($flavour) = $running =~ /-([A-Za-z].*)$/; $flavour = "" unless defined $flavour;
  my @kernels = grep { my ($f) = /-([A-Za-z].*)$/; ($f // "") eq $flavour } map { m,/vmlinuz-(.+)$, } glob "/boot/vmlinuz-*";
  if (@kernels) {
    my $newest = $kernels[0];
    for (@kernels) { $newest = $_ if system("dpkg", "--compare-versions", $_, "gt", $newest) == 0 }
    print "kernel\t$running\t$newest\n";
  } else { print "kernel\t$running\t$running\n" }
}
my %once; print "asks\t$_\n" for grep { !$once{$_}++ } @asks;
print "done\n";
`;

const kind: ProbeKind<Outdated> = {
  kind: 'outdated-code',
  arity: 1,
  timeout: 120,
  sh: `tr '\\0' '\\n' | while IFS= read -r packages; do
  # shellcheck disable=SC2086 # names of packages
  perl -e '${program.replaceAll("'", "'\\''")}' $packages
  echo '@@end'
done`,
  decode(stdout, questions, stderr) {
    const blocks = stdout.toString('utf8').split(/^@@end\n/m);
    return questions.map((_, i) => {
      const block = blocks[i] ?? '';
      return /^done$/m.test(block)
        ? decodeOutdated(block)
        : new ProbeFailure(`what is running cannot be determined: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    });
  },
  depends: () => [{ on: 'everything' }],
};

/**
 * What runs code that was replaced or removed, and whether the host wants a reboot.
 *
 * @param packages installed ones that are to be upgraded: what runs their files will be outdated
 */
export function outdatedCode(packages: readonly string[]): Question<Outdated> {
  return { kind, args: [packages.join(' ')] };
}

/** Reads what the probe prints for one question. */
export function decodeOutdated(text: string): Outdated {
  const rows = text.split('\n').map((line) => line.split('\t'));
  const of = (word: string): string[][] => rows.filter(([head]) => head === word).map((row) => row.slice(1));
  const [flag] = of('flag');
  const [kernel] = of('kernel');
  return {
    units: of('unit').map(([unit = '', is, about = '', ...files]): OutdatedUnit => {
      const [type = '', state, restart] = about.split(' ');
      const service =
        about === '' ? undefined : { type, isActive: state === 'active', refusesRestart: restart === 'refuses' };
      return { unit, files, is: is === 'later' || is === 'restarted' ? is : 'now', service };
    }),
    flag: flag === undefined ? null : flag.filter((name) => name !== ''),
    kernel: kernel === undefined ? null : { running: kernel[0] ?? '', newest: kernel[1] ?? '' },
    willAsk: of('asks').map(([name = '']) => name),
  };
}

// What they run is their scripts, which no package's upgrade restarts.
const interpreter = /^(?:python|perl|ruby|node|java|php|bash|dash|sh$)/;

/** The units whose own program is among the files: those that an upgrade of its package may restart. */
export function unitsOfPrograms({ units }: Outdated): string[] {
  const isProgram = (file: string): boolean =>
    /\/s?bin\/[^/]+$/.test(file) && !interpreter.test(file.replace(/^.*\//, ''));
  return units
    .filter(({ is, files }) => is === 'restarted' || (is === 'later' && files.some(isProgram)))
    .map(({ unit }) => unit);
}
