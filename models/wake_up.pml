/* How a worker learns of a job: whoever submits commits, and then sends a hint. The worker looks, and when there is nothing
   it sleeps until a hint comes or its patience is over. The hint comes by a connection that LISTENs, and may be lost.

   Holds: no job waits while its worker sleeps for good.

     LOSSY        a hint may be lost
     RECONNECT    the connection may break once and is opened again: hints sent meanwhile are lost
     NO_POLL      patience never ends. Without it no hint may be lost, and then the order alone must do.
     HINT_INSIDE  the hint is sent before the commit, by a transaction for which a look has to wait (SQLite's)
     NODE_LOOKS   the node looks for its worker and tells it what it sees, until it falls silent, which it may

   Guards that can be left out, each with an error:
     NO_POLL with LOSSY  the poll that needs no hint
     LATE_ARM            the worker forgets earlier hints after its look instead of before
     NO_LOOK             whoever LISTENs again does not look once without a hint
     EARLY_LOOK          or does so before it LISTENs
     HINT_FIRST          the hint is sent before the commit
     LOOK_BESIDE         with HINT_INSIDE: who was told looks without waiting
     BLIND_TRUST         with NODE_LOOKS and LOSSY: patience with a node that is silent never ends */
#define JOBS 2

byte due = 0;            /* committed and not taken */
byte taken = 0;
bool hint = false;       /* has come and was not seen */
bool listens = true;
bool writing = false;    /* somebody's transaction is open */
#ifdef NODE_LOOKS
bool told = false;       /* by the node, and not seen */
bool silent = false;     /* the node hangs */
#endif

inline send_hint() {
  atomic {
    if
    :: listens -> hint = true
    :: !listens
#ifdef LOSSY
    :: true
#endif
    fi
  }
}

proctype Submitter() {
  byte jobs = JOBS;
  do
  :: jobs > 0 ->
#ifdef HINT_INSIDE
     atomic { !writing -> writing = true };
     send_hint();
     atomic { due++; writing = false };
#elif defined(HINT_FIRST)
     send_hint();
     due++;
#else
     due++;
     send_hint();
#endif
     jobs--
  :: jobs == 0 -> break
  od
}

proctype Worker() {
  bool found;
  do
  :: taken == JOBS -> break
  :: else ->
#ifndef LATE_ARM
     hint = false;
#endif
#ifdef NODE_LOOKS
     told = false;
#endif
#if defined(HINT_INSIDE) && !defined(LOOK_BESIDE)
     atomic { !writing -> writing = true };
#endif
     atomic { if :: due > 0 -> due--; taken++; found = true :: else -> found = false fi };
#if defined(HINT_INSIDE) && !defined(LOOK_BESIDE)
     writing = false;
#endif
#ifdef LATE_ARM
     hint = false;
#endif
     if
     :: found
     :: !found && taken < JOBS ->
        if
        :: hint
#ifdef NODE_LOOKS
        :: told
#endif
#if !defined(NO_POLL) && !defined(BLIND_TRUST)
        :: timeout  /* nobody else can do anything, and it is time to look */
#endif
        fi
     fi
  od
}

#ifdef NODE_LOOKS
proctype Node() {
  do
  :: taken == JOBS || silent -> break
  :: taken < JOBS && !silent && due > 0 && !told -> told = true
  od
}

proctype Silence() {
  if
  :: silent = true
  :: true
  fi
}
#endif

#ifdef RECONNECT
proctype Connection() {
  listens = false;
#ifdef EARLY_LOOK
  hint = true;
  listens = true
#else
  listens = true;
#ifndef NO_LOOK
  hint = true
#endif
#endif
}
#endif

init {
  atomic {
    run Submitter(); run Worker();
#ifdef NODE_LOOKS
    run Node(); run Silence();
#endif
#ifdef RECONNECT
    run Connection()
#endif
  }
}
