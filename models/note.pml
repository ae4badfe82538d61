/* One job's row where there is one writer at a time, and workers hold it by a note alone: "Short jobs are held" of
   docs/state_machine.md. A third worker claims by a write, somebody cancels, a lease runs out. A transaction is one step.

   Holds: a run begins only when every earlier one is over or its process dead; a row is ended by the latest run, or by a
   cancel while nobody runs it; no claim stays with a worker that lives and does not run it.

   Guards that can be left out, each with an error:
     NO_LOOK           a claim does not look at the notes of others
     GHOST             an end does not ask whether the holder's process is alive
     UNWRITTEN         a cancel does not write the claim that a note stands for
     BLIND_BLAME       who writes the claim that a dead process ended in does not look at the notes of others
     NO_PUT_BACK       what is let go stays claimed when a cancel has written its claim
     PUT_BACK_RUNNING  so goes back what runs on */
#define CLAIMS 3

mtype = { scheduled, started, finished };

mtype state = scheduled;
byte claim_seq = 0, claimed_by = 0;
bool noted[4];
bool dead[4];
byte runs = 0;                       /* how many there have been */
byte latest = 0;                     /* the run that began last */
byte runner[8];                      /* whose a run is */
byte left_in = 0;                    /* the claim that the first holder's process ended in */
bool over[8];
bool stale_end = false, overlap = false;

#define MAY_BEGIN (state == scheduled && claim_seq < CLAIMS && runs < 6)
#define OVER (state == finished || (state == scheduled && (claim_seq == CLAIMS || runs == 6)))
#define RUNS (runs > 0 && !over[latest] && !dead[runner[latest]])
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
#define WRITTEN(number, me) (state == started && claim_seq == number && claimed_by == me)

inline begin_run(me) {
  if :: RUNS -> overlap = true :: else fi;
  runs++; latest = runs; runner[runs] = me; mine = runs
}

inline end_row() {
  if :: mine != latest -> stale_end = true :: else fi;
  state = finished
}

inline put_back() { state = scheduled; claimed_by = 0 }

proctype Holder(byte me) {
  byte number = 0, mine = 0;
  do
  :: atomic { MAY_BEGIN && !dead[me] && !NOTED_BY_OTHERS(me) -> noted[me] = true; number = claim_seq + 1 };
     if
     :: atomic { !dead[me] && runs < 6 -> begin_run(me) };
        if
        :: atomic { me == 1 && dead[me] -> left_in = number; break }  /* its process ends in the middle */
        :: atomic { true ->  /* it ends while it is held: claim and end are one write */
             if
             :: ALIVE(me) && UNTOUCHED(number) -> claim_seq = number; claimed_by = me; end_row()
             :: WRITTEN(number, me) -> end_row()
             :: else
             fi;
             over[mine] = true; noted[me] = false }
        :: atomic { true ->  /* it runs on: the claim is written */
             if :: !dead[me] && UNTOUCHED(number) -> state = started; claim_seq = number; claimed_by = me :: else fi;
#ifdef PUT_BACK_RUNNING
             if :: !dead[me] && WRITTEN(number, me) -> put_back() :: else fi;
#endif
             noted[me] = false };
           atomic {
             if :: WRITTEN(number, me) -> end_row() :: else fi;
             over[mine] = true }
        fi
     :: atomic { true ->  /* not begun: let go */
#ifndef NO_PUT_BACK
          if :: !dead[me] && WRITTEN(number, me) -> put_back() :: else fi;
#endif
          noted[me] = false }
     fi;
     atomic { mine = 0; number = 0 };
     if :: dead[me] -> break :: else fi
  :: atomic { OVER || dead[me] -> break }
  :: atomic { state == started && claimed_by == me -> break }  /* it holds nothing: left for the last look */
  od
}

/* Claims by a write. */
proctype Claimer() {
  byte number = 0, mine = 0;
  do
  :: atomic { MAY_BEGIN && !NOTED_BY_OTHERS(3) ->
       state = started; claim_seq++; claimed_by = 3; number = claim_seq; begin_run(3) };
     if
     :: atomic { WRITTEN(number, 3) -> end_row(); over[mine] = true }
     :: atomic { WRITTEN(number, 3) -> put_back(); over[mine] = true }
     fi
  :: atomic { OVER -> break }
  :: atomic { state == started && claimed_by != 3 -> break }
  od
}

/* What is noted becomes the running job that it is, and is asked to stop; what waits is ended. */
proctype Canceller() {
  if
  :: atomic { state == scheduled ->
       if
#ifndef UNWRITTEN
       :: noted[1] && !dead[1] -> state = started; claim_seq++; claimed_by = 1
       :: noted[2] && !dead[2] -> state = started; claim_seq++; claimed_by = 2
#endif
       :: else ->
            if :: RUNS -> stale_end = true :: else fi;
            state = finished
       fi }
  :: true
  fi
}

/* The lease of the first holder runs out, rightly or not; its claim is put back. Later its process ends: what ran then
   becomes its claim, and goes back too; what another holds becomes the other's. */
proctype Manager() {
  if
  :: dead[1] = true;
     atomic { if :: state == started && claimed_by == 1 -> put_back() :: else fi };
     if
     :: atomic { left_in != 0 ->
          if
#ifndef BLIND_BLAME
          :: state == scheduled && noted[2] && !dead[2] -> state = started; claim_seq++; claimed_by = 2
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
  atomic { run Holder(1); run Holder(2); run Claimer(); run Canceller(); run Manager() };
  do
  :: stale_end || overlap -> assert(false)
  :: _nr_pr == 1 -> break
  od;
  assert(!(state == started && !dead[claimed_by]))
}
