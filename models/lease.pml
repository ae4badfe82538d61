/* A worker's row in worker_processes: it beats, it claims, and a manager that has seen it stand still declares it dead and
   gives back what it holds.

   Holds: nothing stays claimed by a worker whose claims have been given back; a worker that has beaten since the manager
   looked is not declared dead.

   Guards that can be left out, each with an error:
     CLAIM_WITHOUT_LOOK  a claim does not ask whether the worker's own row is alive
     CLAIM_LOOKS_BEFORE  it asks, but in a transaction of its own
     BEAT_IS_NOT_SEEN    who is declared dead may have beaten since it was seen */
#define BEATS 3
#define JOBS 2

bool alive = true;
byte beat = 0;
byte held = 0;            /* jobs in the worker's name */
byte waiting = JOBS;
bool given_back = false;  /* the manager has read and released the claims of the dead */
bool wrongly = false;

/* One step is one transaction: PostgreSQL's claim holds the worker's row FOR KEY SHARE, so its end waits for it. */
proctype Worker() {
  bool looked;
  do
  :: atomic { alive && beat < BEATS -> beat++ }
#if defined(CLAIM_WITHOUT_LOOK)
  :: atomic { waiting > 0 -> waiting--; held++ }
#elif defined(CLAIM_LOOKS_BEFORE)
  :: atomic { waiting > 0 && alive -> looked = true };
     atomic { if :: waiting > 0 && looked -> waiting--; held++ :: else fi; looked = false }
#else
  :: atomic { waiting > 0 && alive -> waiting--; held++ }
#endif
  :: atomic { held > 0 && alive -> held--; waiting++ }  /* put back */
  :: atomic { held > 0 && alive -> held-- }             /* finished */
  :: break                                              /* killed */
  od
}

proctype Manager() {
  byte seen = 0;
  do
  :: atomic { alive -> seen = beat };
     /* the lease passes */
     atomic {
#ifdef BEAT_IS_NOT_SEEN
       if :: beat != seen -> wrongly = true :: else fi;
       alive = false
#else
       if :: beat == seen -> alive = false :: else fi
#endif
     }
  :: atomic { !alive -> waiting = waiting + held; held = 0; given_back = true };
     break
  od
}

init {
  atomic { run Worker(); run Manager() };
  do
  :: wrongly || (given_back && held > 0) -> assert(false)
  :: _nr_pr == 1 -> break
  od
}
