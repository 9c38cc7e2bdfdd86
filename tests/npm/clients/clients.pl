# Clients written in Perl: clients.pl NAME

use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use FindBin qw($Bin);
use JSON::PP;

my ($url, $ca) = @ENV{qw(EDGE_URL EDGE_CA)};

sub slurp {
    open my $file, '<:raw', $_[0] or die "$_[0]: $!";
    local $/;
    return <$file>;
}

sub answer {
    my ($status, $version, $header, $cookies, $body) = @_;
    return {
        status   => 0 + $status,
        version  => $version,
        protocol => $header->('x-protocol'),
        path     => $header->('x-path'),
        encoding => $header->('content-encoding'),
        received => $header->('x-sha256'),
        cookies  => [sort map { (split /;/)[0] } @$cookies],
        sha256   => sha256_hex($body),
        text     => length $body < 4096 ? $body : undef,
    };
}

my %clients = (
    'HTTP::Tiny' => sub {
        require HTTP::Tiny;
        my $client = HTTP::Tiny->new(verify_SSL => 1, SSL_options => { SSL_ca_file => $ca }, agent => 'HTTP-Tiny/' . HTTP::Tiny->VERSION);
        return HTTP::Tiny->VERSION, sub {
            my ($method, $url, $body) = @_;
            my $response = $client->request($method, $url, defined $body ? { content => $body } : {});
            die $response->{content} if $response->{status} == 599;
            my $headers = $response->{headers};
            my $cookies = $headers->{'set-cookie'} // [];
            $cookies = [$cookies] unless ref $cookies;
            return answer($response->{status}, $response->{protocol}, sub { $headers->{ $_[0] } }, $cookies, $response->{content} // '');
        };
    },
    'LWP' => sub {
        require LWP::UserAgent;
        my $client = LWP::UserAgent->new(ssl_opts => { verify_hostname => 1, SSL_ca_file => $ca }, keep_alive => 1);
        $client->default_header('Accept-Encoding' => 'gzip');
        return LWP::UserAgent->VERSION, sub {
            my ($method, $url, $body) = @_;
            my $request = HTTP::Request->new($method, $url);
            $request->content($body) if defined $body;
            my $response = $client->request($request);
            my $read = $response->decoded_content(charset => 'none') // die "the body cannot be decoded: $@";
            return answer($response->code, $response->protocol, sub { scalar $response->header($_[0]) }, [$response->header('set-cookie')], $read);
        };
    },
);

my ($version, $ask) = $clients{ $ARGV[0] }->();
my $sent = slurp($ENV{EDGE_BODY});
my %answers;
for my $line (split /\n/, slurp("$Bin/requests.txt")) {
    my ($name, $method, $path) = split / /, $line;
    $answers{$name} = $ask->($method, $url . $path, $method eq 'POST' ? $sent : undef);
}
print JSON::PP->new->latin1->encode({ version => "$version", answers => \%answers, websocket => undef }), "\n";
