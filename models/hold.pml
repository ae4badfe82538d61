/* One job's row that two workers hold by its lock, lose the lock of with a connection, and come back to; a third claims by
   a write: "Short jobs are held" of docs/state_machine.md. Locks may be lost at any moment, leases run out.

   Holds: a run begins only when every earlier one is over or its process dead; a row is ended by the latest run and by no other.

   Guards that can be left out, each with an error:
     NO_NOTE        the ids are not noted: a lost lock frees the job
     NO_LOOK        a claim does not look at the notes of others
     LOOK_FIRST     a holder looks at them before it has noted its own
     OTHER_LINE     it looks by another connection: its lock may be lost by then
     BLIND_BLAME    who writes the claim that a dead process ended in does not look at the notes of others
     GHOST          an end does not ask whether the holder's process is alive */
#define CLAIMS 3
#define HOLDERS 2

mtype = { scheduled, started, finished };

mtype state = scheduled;
byte claim_seq = 0, claimed_by = 0;
byte lock = 0;                       /* who has the row's lock, by a transaction that stays open */
bool noted[4];
bool dead[4];
byte runs = 0;                       /* how many there have been */
byte latest = 0;                     /* the run that began last */
byte runner[8];                      /* whose a run is */
byte left_in = 0;                    /* the claim that the first holder's process ended in */
bool over[8];
bool stale_end = false, overlap = false;

#define FREE(me) (lock == 0 || lock == me)
#define MAY_BEGIN (state == scheduled && claim_seq < CLAIMS && runs < 6)
#define OVER (state == finished || (state == scheduled && (claim_seq == CLAIMS || runs == 6)))
#ifdef NO_LOOK
#define NOTED_BY_OTHERS(me) false
#else
#define NOTED_BY_OTHERS(me) ((me != 1 && noted[1] && !dead[1]) || (me != 2 && noted[2] && !dead[2]))
#endif
#ifdef GHOST
#define ALIVE(me) true
#else
#define ALIVE(me) (!dead[me])
#endif
#define UNTOUCHED(number) (state == scheduled && claim_seq == number - 1)

inline begin_run(me) {
  if :: runs > 0 && !over[latest] && !dead[runner[latest]] -> overlap = true :: else fi;
  runs++; latest = runs; runner[runs] = me; mine = runs
}

inline end_row() {
  if :: mine != latest -> stale_end = true :: else fi;
  state = finished
}

inline unlock(me) { if :: lock == me -> lock = 0 :: else fi }

inline note(me) {  /* changes nothing once the process is dead, and says so */
#ifndef NO_NOTE
  noted[me] = !dead[me]
#else
  skip
#endif
}

proctype Holder(byte me) {
  byte number = 0, mine = 0;
  bool may = false;
  do
  :: atomic { MAY_BEGIN && FREE(me) -> lock = me; number = claim_seq + 1 };
#ifdef LOOK_FIRST
     atomic { may = (lock == me) && !NOTED_BY_OTHERS(me) };
     atomic { note(me); if :: may && !dead[me] -> begin_run(me) :: else -> may = false fi };
#else
     atomic { note(me); may = !dead[me] };
     atomic {
#ifdef OTHER_LINE
       may = may && !NOTED_BY_OTHERS(me);
#else
       may = may && lock == me && !NOTED_BY_OTHERS(me);
#endif
       if :: may -> begin_run(me) :: else -> skip fi
     };
#endif
     if
     :: may ->
        if
        :: atomic { me == 1 && dead[me] -> left_in = number; unlock(me); break }  /* its process ends in the middle */
        :: atomic { FREE(me) ->  /* it ends while it is held: claim and end are one write */
             if :: ALIVE(me) && UNTOUCHED(number) -> claim_seq = number; claimed_by = me; end_row() :: else fi;
             over[mine] = true; noted[me] = false; unlock(me) }
        :: atomic { FREE(me) ->  /* it runs on: the claim is written */
             if :: !dead[me] && UNTOUCHED(number) -> state = started; claim_seq = number; claimed_by = me :: else fi;
             noted[me] = false; unlock(me) };
           atomic { FREE(me) ->
             if :: state == started && claim_seq == number && claimed_by == me -> end_row() :: else fi;
             over[mine] = true }
        fi
     :: else ->  /* not begun: let go */
        atomic { noted[me] = false; unlock(me) }
     fi;
     atomic { mine = 0; number = 0; may = false };
     if :: dead[me] -> break :: else fi
  :: atomic { OVER || dead[me] -> break }
  od
}

/* Claims by a write, in one transaction that has the row's lock. */
proctype Claimer() {
  byte number = 0, mine = 0;
  do
  :: atomic { MAY_BEGIN && FREE(3) && !NOTED_BY_OTHERS(3) ->
       state = started; claim_seq++; claimed_by = 3; number = claim_seq; begin_run(3) };
     if
     :: atomic { state == started && claim_seq == number && claimed_by == 3 -> end_row(); over[mine] = true }
     :: atomic { state == started && claim_seq == number && claimed_by == 3 ->
          state = scheduled; claimed_by = 0; over[mine] = true }
     fi
  :: atomic { OVER -> break }
  od
}

/* Connections are lost, with their locks. */
proctype Network() {
  byte times = 0;
  do
  :: atomic { times < 2 && lock != 0 -> lock = 0; times++ }
  :: break
  od
}

/* The lease of the first holder runs out, rightly or not; its claim is put back. Later its process ends: what ran then
   becomes its claim, with the row locked, and goes back too. */
proctype Manager() {
  if
  :: dead[1] = true;
     atomic { if :: state == started && claimed_by == 1 -> state = scheduled; claimed_by = 0 :: else fi };
     if
     :: atomic { left_in != 0 && FREE(4) ->
          if
#ifndef BLIND_BLAME
          :: !NOTED_BY_OTHERS(1) && UNTOUCHED(left_in) -> claim_seq = left_in
#else
          :: UNTOUCHED(left_in) -> claim_seq = left_in
#endif
          :: else
          fi }
     :: true
     fi
  :: true
  fi
}

init {
  atomic { run Holder(1); run Holder(2); run Claimer(); run Network(); run Manager() };
  do
  :: stale_end || overlap -> assert(false)
  :: _nr_pr == 1 -> break
  od
}
