# Net::SIP as caller, as callee and with credentials: perl net_sip.pl PORT LISTEN USER
use strict;
use warnings;
use Net::SIP;

my ($port, $listen, $user) = @ARGV;
my $peer = "127.0.0.1:$port";
$SIG{ALRM} = sub { exit 0 };
alarm 15;
my $agent = Net::SIP::Simple->new(
    outgoing_proxy => $peer,
    registrar      => $peer,
    leg            => "127.0.0.1:$listen",
    from           => "\"Net SIP $user\" <sip:$user\@example.com>",
    auth           => [ $user, 'secret' ],
) or die "no agent";
$agent->register(expires => 120) or warn "REGISTER: " . $agent->error;
for my $callee ('bob', 'busy', 'missing', 'paid', 'far') {
    my $ended;
    my $call = $agent->invite("sip:$callee\@example.com",
        init_media => $agent->rtp('recv_echo')) or next;
    next if $call->error;
    $agent->loop(0.3);
    $call->reinvite(init_media => $agent->rtp('recv_echo')) if $callee eq 'bob';
    $call->bye(cb_final => \$ended);
    $agent->loop(2, \$ended);
}
my $stopped;
my $slow = $agent->invite('sip:slow@example.com', cb_final => sub { });
if ($slow) { $slow->cancel(cb_final => \$stopped); $agent->loop(1, \$stopped); }
$agent->options("sip:bob\@example.com") if $agent->can('options');
$agent->listen(
    init_media => $agent->rtp('recv_echo'),
    filter => sub { $_[0] !~ /refused/ },
);
print "listening\n";
$agent->loop(9);
