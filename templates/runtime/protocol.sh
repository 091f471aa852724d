# The gate runtime: how it is written, what it is told, and the protocol of its files.
#
# HOW IT IS WRITTEN. Every name starts with u_, so that nothing of the caller's environment is overwritten. A function
# that computes something leaves it in u_r, since a command substitution would cost a process; u_x, u_y and u_line are
# scratch, good until the next call of a function. Loops end by their conditions, or by the return of a function, and
# never by break or continue: Bash skips the trap of a signal that comes just then, without a word. Expansions without
# quotes are lists of numbers, of file names made by u_name or of words of ours; pathname expansion is off but for the
# loops that need it. File descriptors: 3 the events that this shell reads, 4 the lifeline that ends when this shell
# dies, 5 scratch, 6 the orders to the spawner or a unit's bell, 7 the standard input and 8 the standard output as
# given, 9 /dev/null.
#
# WHAT A SCRIPT HOLDS. A wrapped script has the parts that every unit needs, and those that its own needs: one for an odd
# #! line, for limits on its time, for mutexes, for what it says of itself; and one with more words and unitc-status where
# there is room. The first parts call what only another one has where a variable says that it is there, or they have a
# function that does nothing, which the other one defines anew. A launcher has all parts.
#
# WHAT IT IS TOLD, in variables. A wrapped script sets each that is marked *, to nothing where it has none; those of the
# session and of emergencies are for the environment; the others it sets where its unit says something of itself. None
# reaches the body.
#   UNITC_UNIT *          the address, in which each instance key is the base64 of its bytes
#   UNITC_NAME *          the display name in base64
#   UNITC_PHASES *        the phase in which the unit runs; exec names both where the launcher has the unit in both
#   UNITC_GATES *         a line REQUIRES ADDRESS for each gate, or PHASE REQUIRES ADDRESS
#   UNITC_MUTEXES *       names in base64, in an order that is the same everywhere
#   UNITC_TIMEOUT *       how long the body may run, in seconds
#   UNITC_GATE_TIMEOUT *  how long the unit may wait, in seconds
#   UNITC_PROBE           a command: the unit is ready once it exits with 0
#   UNITC_PROBE_INTERVAL  the seconds between two of its runs, 1 where absent
#   UNITC_NOTIFY          1: the body itself says that it is ready, by the command whose path it finds in UNITC_READY
#   UNITC_UNLESS          a command: where it exits with 0, the body isn't run and the unit has succeeded
#   UNITC_RETRIES         how often a body that has failed is run again
#   UNITC_RETRY_DELAY     the seconds before that, doubled each time up to a minute, 5 where absent
#   UNITC_OPTIONAL        1: where the unit fails or times out, its shell exits with 0 all the same
#   UNITC_BODY *          the text of the body; a launcher takes UNITC_BODY_BASE64 as well, the same as base64
#   UNITC_STATE_DIR       the folder for state
#   UNITC_SESSION         the name of the session
#   UNITC_DISABLE         anything but 0: the body runs at once, and nothing else happens
#
# THE FILES. SESSION stands for a folder below the private one, PID for a process and BORN for the time of its start, or
# a later one at which it was there: hundredths of a second since the system started, and what ps says without /proc.
# UNIT stands for a unit as u_name spells its address or, in a run of the supervisor, for its number. Every file is empty, and
# says what it says by being there: it is made by u_make, which is atomic, which only the first of several does, and
# which works on a full disk. Nothing is ever written to but events.tsv, the logs and the FIFOs; and nothing is renamed,
# unless no more files can be made: then a note of the one who has something to say becomes what it says.
#   SESSION/agent.BOOT.PID.BORN       whose session it is; after its end, the next to make a session removes this one
#   SESSION/template.DIGEST           that a launcher of this template has used it
#   SESSION/unitc-status              the command for people; its maker writes it
#   SESSION/gates/PID                 FIFO: the words that wake the shell PID
#   SESSION/gates/PID.life            FIFO: the lifeline, which ends with the shell PID and what it is about to become
#   SESSION/gates/PID.orders          FIFO: from the supervisor to its spawner
#   SESSION/ready/PID.BORN            FIFO, the bell: that the body of the shell PID is ready, or over
#   SESSION/ready/PID.BORN.0          the command UNITC_READY, which rings the bell; both are in another folder where
#                                     nothing in this one can be executed
#   SESSION/PHASE/events.tsv, logs/   for people and tests: no shell decides by them but the supervisor's sentinel. An
#                                     event is running, ready, retrying (an attempt has failed, and another follows),
#                                     release or skip (by hand), or an outcome
#   SESSION/PHASE/signaled.PID.BORN   that the shell PID was sent a signal: a body that is about to begin does not
#   SESSION/PHASE/names/NAME          that a unit with this name, as u_name spells its base64, has been started
#   SESSION/PHASE/names/NAME.many     that another one has, too
#   SESSION/PHASE/outcomes/UNIT.
#     owner.PID.BORN                  the shell PID has the unit, or is about to try
#     claim                           the unit has been started in this session; the maker of this file has the unit
#     about                           what unitc-status says of the unit: a line with its address, its display name in
#                                     base64, its mutexes, when it was started and the file to which Coder writes its
#                                     output, with tabs between them; then its gates
#     waiter.PID                      the shell PID wants to be woken when something happens to the unit
#     why                             why a unit is skipped, for those that are skipped because of it: how many are
#                                     between, a sentence, and the first three of those
#     apart                           the unit takes no part in this run of the supervisor
#     release                         the shell of the unit is to take all of its gates for open
#     skip                            the shell of the unit is to skip it, unless its body has begun
#     body.PID.BORN                   the process PID is the unit's body or unless, or is about to become it, or it
#                                     watches over the body until that is ready
#     helper.PID.BORN                 the process PID sleeps for the shell that has the unit
#     running                         the unit's body has been created, or needn't be
#     ready                           the unit has become ready
#     buried.N.owner.PID.BORN         the process PID settles the unit, since its shell is dead, or is about to try
#     buried.N                        N have begun to settle the unit; the maker of this file is the Nth
#     succeeded, failed, timed_out, skipped, canceled
#                                     the outcome: exactly one of them is ever made
#   SESSION/mutexes/NAME.
#     waiter.PID                      the shell PID wants to be woken when the mutex becomes free
#     N.owner.PID.BORN                the shell PID is the Nth holder, or is about to try
#     N                               the mutex has had N holders; the maker of this file is the Nth
#     N.body.PID.BORN                 the process PID is the body of the Nth holder
#     N.by                            the Nth holder, for people: this file and those named about and why say
#                                     something
#     N.free                          the Nth holder is done
#
# WHO WRITES THEM, IN WHICH ORDER.
#   The shell of a unit: owner, claim (without it: its owner is removed, and it is no part of the protocol any more),
#   its FIFOs, the sentinel; then it waits for its gates, then for each mutex; then, unless its unless says that it
#   needn't, it starts the body; it makes running, and wakes. When the body ends it ends what watches over the body,
#   makes ready and wakes in its place where that stands in the log, and may start another one; then it makes the
#   outcome, and wakes; then it frees each mutex, and wakes; then it says over on the lifeline, and removes its FIFOs
#   and waiters. An event stands in the log before what it tells of is made.
#   A body, while it holds the lifeline: body at the unit, then a look whether that is buried; then body at each mutex,
#   each followed by a look whether there is an N+1; where there is, it ends. Else it becomes the text.
#   What watches over a body begins like a body, then it runs the probe or reads the bell; then ready, and it wakes.
#   One who waits for a unit: waiter, then a look at the outcome, then at running or ready, then it reads its FIFO; and
#   again from the look after each word. So what publishes after the look finds the waiter. Each 4 s a tick: where
#   there is no outcome, the claim is there and no owner is alive, it settles the unit.
#   One who waits for a mutex: waiter, then it tries to take it. Else it reads its FIFO, and tries again.
#   To take a mutex: a look for the last N; where that is free, or on a tick has no owner alive, N+1.owner and N+1;
#   where another one was faster, N+1.owner is removed. Then the bodies of those before it are killed that are not
#   free. So a body that has noted itself is found by the next holder, and one that has not finds that holder.
#   The sentinel of a unit reads the lifeline. Where that ends without over, it settles the unit, again and again while
#   another one is about to, and removes the FIFOs and waiters of the shell. Another word, PID.BORN, is what the shell
#   is about to end: the sentinel ends it as well.
#   To settle a unit whose shell is dead: buried is taken as a mutex is on a tick; then its bodies and helpers are
#   killed; then, where it has no outcome, it makes failed, and wakes. What does that may die as well, and the next
#   takes buried after it.
#   unitc-status: release or skip, then a word into the FIFO of the unit's shell, which looks for them after each word;
#   in a run of the supervisor the word alone, with the number of the unit.
#   To wake: a word into the FIFO of each waiter, as it is listed then. It is opened for reading and writing, so it
#   never blocks.
#   The supervisor makes outcomes, and what it waits for comes as words of its own FIFO. It has bodies started by the
#   spawner, by a shell for each, or by one that attends to the unit. The first two tell run and end, and it writes
#   those events; a body of the second notes itself as above. The third does what the shell of a unit does from owner
#   on, without claim, gates and mutexes; in place of waking it tells what it has made. Of a shell that is found dead on
#   a tick the supervisor settles the unit.
#   Its sentinel: where the supervisor ends without over, it ends each shell that attends to a unit, and settles that;
#   of the others it makes the outcome that the log has, and settles those that are running.
