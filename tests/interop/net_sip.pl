# Registers, calls and hangs up with Net::SIP: perl net_sip.pl PORT
use strict;
use warnings;
use Net::SIP;

my $port = shift;
my $registrar = "127.0.0.1:$port";
my $agent = Net::SIP::Simple->new(
    outgoing_proxy => $registrar,
    registrar      => $registrar,
    from           => 'sip:alice@example.com',
) or die "no agent";
$agent->register or die "REGISTER: " . $agent->error;
print "registered\n";

my ($ended, $stop);
my $call = $agent->invite(
    'sip:bob@example.com',
    init_media => $agent->rtp('recv_echo'),
) or die "INVITE: " . $agent->error;
die "INVITE: " . $call->error if $call->error;
print "called\n";
$call->bye(cb_final => \$ended);
$agent->loop(10, \$ended);
print "ended\n" if defined $ended;
exit(defined $ended && $ended ne 'FAIL' ? 0 : 1);
