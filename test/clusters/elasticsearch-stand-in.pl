#!/usr/bin/perl
# A stand-in of Elasticsearch's API, and of its nodes: what play's tests ask where the real one cannot be had. It moves
# shards that hold nothing, by the rules of Elasticsearch that a change of nodes goes by:
#   - what is transient outweighs what is persistent;
#   - two copies of a shard are never on one node, nor a copy on an excluded one, unless it was there before;
#   - copies move one a tick, and not while allocation is off;
#   - a copy whose node is gone is made anew elsewhere, unless allocation is off: then it comes back with its node;
#   - a shard without any copy makes the cluster red, one with a single copy yellow.
# As a node (stand-in.pl node NAME ZONE API) it is a member for as long as it runs.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Time::HiRes 'time';

my ($what, @rest) = @ARGV;
if ($what eq 'node') {
  my ($name, $zone, $api) = @rest;
  for (;;) {
    my $to = IO::Socket::INET->new(PeerAddr => $api, PeerPort => 9300, Timeout => 2);
    if ($to) { print $to "$name $zone\n"; $to->flush; 1 while sysread $to, my $buffer, 100; }
    select undef, undef, undef, 0.2;
  }
}

my ($shards, $log) = ($rest[0], '/var/log/stand-in.log');
my %settings = (persistent => {}, transient => {});
my (%node, %copies, %moving);    # name -> {zone, ip, fh}; shard -> {node -> 'ready' or 'gone'}; shard -> [from, to, ticks]
my ($recoveries, $isBegun, $forced) = (0, 0, undef);
my $http = IO::Socket::INET->new(LocalPort => 9200, Listen => 50, ReuseAddr => 1) or die $!;
my $nodes = IO::Socket::INET->new(LocalPort => 9300, Listen => 50, ReuseAddr => 1) or die $!;
my $select = IO::Select->new($http, $nodes);
sub note { open my $to, '>>', $log; print $to join('', @_), "\n"; close $to }

sub setting { my ($key) = @_; exists $settings{transient}{$key} ? $settings{transient}{$key} : $settings{persistent}{$key} // '' }
sub isExcluded {
  my ($name) = @_;
  my %is = (_name => $name, _ip => $node{$name}{ip}, zone => $node{$name}{zone});
  for my $key (keys %is) {
    return 1 if grep { $_ eq $is{$key} } split /,/, setting("cluster.routing.allocation.exclude.$key");
  }
  return 0;
}
sub ready { my ($shard) = @_; grep { $copies{$shard}{$_} eq 'ready' } sort keys %{$copies{$shard}} }
sub held { my ($name) = @_; grep { ($copies{$_}{$name} // '') eq 'ready' } sort keys %copies }
sub health {
  return $forced if defined $forced;
  my @counts = map { scalar(ready $_) } keys %copies;
  return (grep { $_ == 0 } @counts) ? 'red' : (grep { $_ < 2 } @counts) ? 'yellow' : 'green';
}
sub place {
  my ($shard) = @_;
  my ($least) = sort { held($a) <=> held($b) || $a cmp $b } grep { !isExcluded($_) && !$copies{$shard}{$_} } keys %node;
  return $least;
}

sub tick {
  if (!$isBegun && keys %node >= 4) {
    $isBegun = 1;
    my @names = sort keys %node;
    for my $i (1 .. $shards) { $copies{"s$i"}{$names[$i % @names]} = 'ready'; $copies{"s$i"}{$names[($i + 1) % @names]} = 'ready' }
  }
  return if (setting('cluster.routing.allocation.enable') || 'all') ne 'all';
  for my $shard (keys %moving) {
    my ($from, $to) = @{$moving{$shard}};
    if (!$node{$from} || !$node{$to}) { delete $moving{$shard}; next }
    next if --$moving{$shard}[2] > 0;
    delete $moving{$shard};
    delete $copies{$shard}{$from};
    $copies{$shard}{$to} = 'ready';
  }
  for my $shard (sort keys %copies) {
    for my $name (keys %{$copies{$shard}}) {
      next if $copies{$shard}{$name} eq 'ready';
      # Its node is back with what it has on disk; or it is not, and another is made.
      if ($node{$name}) { $copies{$shard}{$name} = 'ready' }
      elsif (ready $shard and defined(my $to = place $shard)) {
        delete $copies{$shard}{$name};
        $copies{$shard}{$to} = 'ready';
        $recoveries++;
        note "made $shard anew on $to, as $name is gone";
      }
    }
    next if %moving;
    for my $name (ready $shard) {
      next unless isExcluded $name and defined(my $to = place $shard);
      $moving{$shard} = [$name, $to, 2];
      last;
    }
  }
}

sub answer {
  my ($method, $path, $body) = @_;
  my ($plain) = $path =~ /^([^?]*)/;
  return ([200, encode_json({ name => 'stand-in', tagline => "A stand-in of Elasticsearch's API, of play's tests" })]) if $plain eq '/';
  return ([200, health() . "\n"]) if $path eq '/_cat/health?h=status';
  return ([200, scalar(keys %moving) . "\n"]) if $path eq '/_cat/health?h=relo';
  return ([200, join '', map { "$_ \n" } sort keys %node]) if $path eq '/_cat/nodes?h=name';
  return ([200, join '', map { "$node{$_}{ip} \n" } sort keys %node]) if $path eq '/_cat/nodes?h=ip';
  if ($path =~ m{^/_cat/allocation/([^?]+)\?h=shards$}) {
    return ([200, join '', map { scalar(held $_) . "\n" } grep { $_ eq $1 || $node{$_}{ip} eq $1 } keys %node]);
  }
  if ($path =~ m{^/_stand_in/health/(\w+)$}) { $forced = $1 eq 'true' ? undef : $1; return [200, '{}'] }
  return ([200, encode_json({ recoveries => $recoveries, health => health(), held => { map { $_ => scalar(held $_) } keys %node } })]) if $plain eq '/_stand_in';
  if ($plain eq '/_cluster/settings') {
    if ($method eq 'PUT') {
      my $given = eval { decode_json $body } or return [400, '{}'];
      for my $kind (keys %$given) {
        for my $key (sort keys %{$given->{$kind}}) {
          my $value = $given->{$kind}{$key};
          note "$kind $key ", $value // 'null';
          defined $value ? ($settings{$kind}{$key} = $value) : delete $settings{$kind}{$key};
        }
      }
      return [200, encode_json({ acknowledged => JSON::PP::true, %settings })];
    }
    return [200, encode_json(\%settings)] if $path =~ /flat_settings=true/;
  }
  return [404, encode_json({ error => "the stand-in has no $method $path" })];
}

sub serve {
  my ($client) = @_;
  my ($head, $body) = ('', '');
  while ($head !~ /\r\n\r\n/) { sysread($client, $head, 4096, length $head) or return }
  ($head, $body) = split /\r\n\r\n/, $head, 2;
  my ($length) = $head =~ /^content-length: *(\d+)/mi;
  while (length $body < ($length // 0)) { sysread($client, $body, 4096, length $body) or return }
  my ($method, $path) = $head =~ /^(\S+) (\S+)/;
  my ($code, $text) = @{answer($method, $path, $body)};
  print $client "HTTP/1.1 $code X\r\nContent-Length: " . length($text) . "\r\nConnection: close\r\n\r\n$text";
}

sub lose {
  my ($name) = @_;
  my $allocation = setting('cluster.routing.allocation.enable') || 'all';
  delete $node{$name};
  note "left $name with ", scalar(held $name), " shards, allocation $allocation, before that ", health();
  for my $shard (held $name) { $copies{$shard}{$name} = 'gone' }
  note "red" if health() eq 'red';
}

my $last = 0;
for (;;) {
  for my $ready ($select->can_read(0.05)) {
    if ($ready == $http) { my $client = $http->accept or next; serve($client); close $client }
    elsif ($ready == $nodes) {
      my $fh = $nodes->accept or next;
      my $line = <$fh>;
      my ($name, $zone) = split ' ', $line // '' or next;
      $node{$name} = { zone => $zone, ip => $fh->peerhost, fh => $fh };
      note "joined $name";
      $select->add($fh);
    } else {
      my ($name) = grep { $node{$_}{fh} == $ready } keys %node;
      $select->remove($ready);
      close $ready;
      lose($name) if defined $name;
    }
  }
  next if time - $last < 0.1;
  $last = time;
  tick();
}
