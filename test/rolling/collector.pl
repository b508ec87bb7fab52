#!/usr/bin/perl
# A service of the test's own, which loses work when it is stopped: it keeps an upload in memory until all of it has
# come, and then puts it into a file. It reads its certificate when it starts, and shows it with every answer.
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
my %given;
$SIG{PIPE} = 'IGNORE';

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
    while ($given{$client} =~ /^(\w+) (\S+) HTTP.*?\r\n\r\n/s) {
      my ($method, $path, $head) = ($1, $2, $&);
      my $length = $head =~ /content-length: *(\d+)/i ? $1 : 0;
      last if length($given{$client}) < length($head) + $length;
      my $body = substr $given{$client}, length $head, $length;
      $given{$client} = substr $given{$client}, length($head) + $length;
      if ($path eq '/health') { answer($client, -e "/opt/collector/$release/sick" ? 503 : 200, 'ok') }
      elsif ($path eq '/metrics') { answer($client, 200, 'uploads_in_flight ' . (grep { $_ ne '' } values %given) . "\n") }
      elsif ($method eq 'PUT' && $path =~ m{^/([\w-]+)$}) {
        open my $part, '>', "$data/$1.part" or die $!;
        print $part $body;
        close $part or die $!;
        rename "$data/$1.part", "$data/$1" or die $!;
        answer($client, 201, '');
      }
      else { answer($client, 404, '') }
    }
  }
}
