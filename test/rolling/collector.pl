#!/usr/bin/perl
# A service of the test's own, which loses work when it is stopped: it keeps an upload in memory until all of it has
# come, and then puts it into a file; a report, of several requests, until it is closed. It reads its certificate when it starts, and shows it with every answer.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;

my ($port, $release, $data) = @ENV{qw(PORT RELEASE DATA)};
open my $file, '<', $ENV{CERTIFICATE} or die "$ENV{CERTIFICATE}: $!";
chomp(my $certificate = <$file>);
die "release $release cannot start\n" if -e "/opt/collector/$release/broken";
my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 512, ReuseAddr => 1) or die "port $port: $!";
my $all = IO::Select->new($listener);
my (%given, %open);
$SIG{PIPE} = 'IGNORE';

sub store {
  my ($name, $bytes) = @_;
  open my $part, '>', "$data/$name.part" or die $!;
  print $part $bytes;
  close $part or die $!;
  rename "$data/$name.part", "$data/$name" or die $!;
}

sub answer {
  my ($client, $status, $body) = @_;
  print $client "HTTP/1.1 $status x\r\nContent-Length: @{[length $body]}\r\nX-Release: $release\r\nX-Certificate: $certificate\r\n\r\n$body";
  $client->flush;
}

while (1) {
  for my $client ($all->can_read) {
    if ($client == $listener) {
      my $new = $listener->accept or next;
      $all->add($new);
      $given{$new} = '';
      next;
    }
    if (!sysread $client, $given{$client}, 65536, length $given{$client}) {
      $all->remove($client);
      delete $given{$client};
      close $client;
      next;
    }
    while ($given{$client} =~ /^\w+ (\S+) HTTP.*?\r\n\r\n/s) {
      my ($path, $head) = ($1, $&);
      my $length = $head =~ /content-length: *(\d+)/i ? $1 : 0;
      last if length($given{$client}) < length($head) + $length;
      my $body = substr $given{$client}, length $head, $length;
      $given{$client} = substr $given{$client}, length($head) + $length;
      if ($path eq '/health') { answer($client, 200, 'ok') }
      elsif ($path eq '/metrics') {
        my $busy = keys(%open) + grep { $_ ne '' } values %given;
        answer($client, 200, "uploads_in_flight $busy\n");
      }
      elsif ($path =~ m{^/upload/([\w-]+)$}) { store($1, $body); answer($client, 201, '') }
      elsif ($path =~ m{^/open/([\w-]+)$}) { $open{$1} = $body; answer($client, 201, '') }
      elsif ($path =~ m{^/piece/([\w-]+)$} && exists $open{$1}) { $open{$1} .= $body; answer($client, 201, '') }
      elsif ($path =~ m{^/close/([\w-]+)$} && exists $open{$1}) { store($1, delete $open{$1}); answer($client, 201, '') }
      else { answer($client, 404, '') }
    }
  }
}
