# The spawner, for systems with perl: it starts and reaps bodies for the supervisor in half of the time that a shell and
# setsid take. From its standard input come the commands of all units as fields that end in a NUL: how many words,
# the unit, the words; 0 ends them. Then come orders from a FIFO, the numbers of units that are to start, each eight
# bytes long. Each is taken by one of two children that are kept ready; that child tells so, and becomes the body. The
# signals that tell of children are blocked but where they are waited for, so none is lost. A child that is killed may
# have had an order that it had not told of. Then the others are let go, by an order that is 0, the supervisor is asked
# for all orders again that it has heard nothing of, and what comes before the mark -1 is passed over.
use strict;
use POSIX ();
my ($fifo, $logs, $signals, $given) = @ARGV;
delete $ENV{PERL_BADLANG} unless $given;
my %command;
{
	local $/ = "\0";
	my $field = sub { my $x = <STDIN>; exit 1 unless defined $x && chomp $x; $x };
	while (my $count = $field->()) {
		my $unit = $field->();
		$command{$unit} = [map { $field->() } 1 .. $count];
	}
}
open STDIN, "<", "/dev/null" or exit 1;
# Where the launcher has exited meanwhile, nothing writes any more, and opening must not wait for that.
sysopen my $orders, $fifo, POSIX::O_RDONLY() | POSIX::O_NONBLOCK() or exit 1;
fcntl $orders, POSIX::F_SETFL(), 0;
pipe my $taken, my $take or exit 1;
fcntl $taken, POSIX::F_SETFL(), POSIX::O_NONBLOCK();
my ($none, $before) = map { POSIX::SigSet->new } 1, 2;
POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(POSIX::SIGCHLD(), POSIX::SIGUSR1()), $before);
$SIG{CHLD} = $SIG{USR1} = sub { };
my ($spawner, $lost, %ready, %telling, %running) = ($$, 0);

sub fault {
	print STDERR "unitc: $_[0]: $!\n";
	POSIX::_exit($_[1]);
}

sub become {
	POSIX::setsid();
	$SIG{$_} = "DEFAULT" for split /,/, $signals;
	my $size = sysread $orders, my $unit, 8;
	POSIX::_exit(0) if defined $size && !$size;
	# Without its spawner nothing would learn how the body ends.
	POSIX::_exit(1) unless $size && getppid == $spawner;
	$unit += 0;
	POSIX::_exit(2) unless $unit;
	# The spawner must know first: a process that is told that the body runs may kill it.
	my $row = sprintf "%8d%8d", $$, $unit;
	syswrite $take, $row;
	syswrite STDOUT, "run $unit $$\n";
	syswrite $take, $row;
	kill USR1 => $spawner;
	my $log = POSIX::open("$logs/$unit.log", POSIX::O_WRONLY() | POSIX::O_CREAT() | POSIX::O_TRUNC(), 0600)
		// fault("$logs/$unit.log", 126);
	POSIX::dup2($log, $_) for 1, 2;
	POSIX::close($log);
	POSIX::sigprocmask(POSIX::SIG_SETMASK(), $before);
	my @command = @{$command{$unit}};
	exec { $command[0] } @command;
	fault($command[0], $! == POSIX::ENOENT() ? 127 : 126);
}

sub note {
	while (sysread $taken, my $row, 16) {
		my ($pid, $unit) = map { $_ + 0 } unpack "A8A8", $row;
		# Each comes twice: before the supervisor was told, and after that.
		$telling{$pid} = delete $ready{$pid} or delete $telling{$pid};
		$running{$pid} = $unit;
	}
}

syswrite STDOUT, "up\n";
LOOP: for (;;) {
	if ($lost && !%ready && !%telling) {
		syswrite STDOUT, "again\n";
		do { last LOOP unless sysread $orders, $lost, 8 } until $lost < 0;
		$lost = 0;
	}
	# One child to take an order, and one for the next while the first becomes a body.
	while (keys %ready < 2 && !$lost) {
		my $pid = fork // last;
		become() unless $pid;
		$ready{$pid} = 1;
	}
	if (%ready || $lost) {
		POSIX::sigsuspend($none);
	} else {
		# There may be too many processes: later there may be room again, and meanwhile an order is refused.
		my ($why, $set) = ($!, "");
		vec($set, fileno $orders, 1) = 1;
		if (select($set, undef, undef, 0.1) > 0) {
			last unless sysread $orders, my $unit, 8;
			syswrite STDOUT, sprintf "end %d - it could not be started: %s\n", $unit, $why;
		}
	}
	note();
	while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
		my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
		note() if $ready{$pid} || $telling{$pid};
		delete $telling{$pid};
		if (delete $ready{$pid}) {
			# The launcher has gone, or else the child was killed.
			last LOOP unless $code;
			unless ($lost++) {
				sysopen my $end, $fifo, POSIX::O_WRONLY() | POSIX::O_NONBLOCK() or last LOOP;
				syswrite $end, "      0\n" x keys %ready;
			}
		} else {
			my $unit = delete $running{$pid};
			syswrite STDOUT, "end $unit $code " . (-s "$logs/$unit.log" // 0) . "\n";
		}
	}
}
kill KILL => map { -$_ } keys %running;
