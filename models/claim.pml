/* One job's row among workers that run, die, are cut off for as long as it pleases, and two managers that put back what
   they take for dead: T2 to T7 of docs/state_machine.md. A claim is not durable: a crash of the database may take it back,
   and its number is then given out once more.

   Holds: a row is ended by the claim that holds it and by no other; an ended row does not change; every job ends.

   Guards that can be left out, each with an error:
     ANY_HOLDER        a completion does not ask whose claim it is
     ANY_CLAIM         nor for the number of the claim: "still started" is enough
     ANY_STATE         nor for anything else: it goes by the id
     ATTEMPT_IS_TOKEN  it asks for the attempt, which is given back with a job that is put back
     BLIND_RESCUE      a manager writes what it decided on a row that may have changed since it looked */
#define CLAIMS 3

mtype = { scheduled, started, finished };

typedef Row { mtype state; byte claim_seq; byte attempt; byte claimed_by };
Row row;
Row durable;             /* what a crash of the database leaves */
bool stale_end = false;  /* a claim that was over has ended the row */
bool changed = false;    /* an ended row was written */

#ifdef ATTEMPT_IS_TOKEN
#define TOKEN row.attempt
#else
#define TOKEN row.claim_seq
#endif

#if defined(ANY_STATE)
#define MINE(token, who) true
#elif defined(ANY_CLAIM)
#define MINE(token, who) (row.state == started)
#elif defined(ANY_HOLDER) || defined(ATTEMPT_IS_TOKEN)
#define MINE(token, who) (row.state == started && TOKEN == token)
#else
#define MINE(token, who) (row.state == started && TOKEN == token && row.claimed_by == who)
#endif

#define MAY_CLAIM (row.state == scheduled && row.claim_seq < CLAIMS)
#define OVER (row.state == finished || (row.state == scheduled && row.claim_seq == CLAIMS))

inline make_durable() {
  durable.state = row.state; durable.claim_seq = row.claim_seq; durable.attempt = row.attempt;
  durable.claimed_by = row.claimed_by
}

/* `claims` counts every claim there was, also those that the database has forgotten: nothing in the database does. */
byte claims = 0;
byte holding = 0;  /* the latest of them */

inline end_row(number) {
  if :: row.state == finished -> changed = true :: else fi;
  if :: number != holding -> stale_end = true :: else fi;
  row.state = finished;
  make_durable()
}

inline put_back() {
  if :: row.state == finished -> changed = true :: else fi;
  row.state = scheduled; row.attempt--; row.claimed_by = 0;
  make_durable()
}

proctype Worker(byte me) {
  byte token, number;
  do
  :: atomic { MAY_CLAIM ->
       row.state = started; row.claim_seq++; row.attempt++; row.claimed_by = me;
       token = TOKEN; claims++; number = claims; holding = number };
     if  /* whatever happens meanwhile */
     :: true -> atomic { if :: MINE(token, me) -> end_row(number) :: else fi }
     :: true -> atomic { if :: MINE(token, me) && row.attempt > 0 -> put_back() :: else fi }
     :: true  /* killed, or its answer never arrives; the next life has no memory of it */
     fi;
     atomic { token = 0; number = 0 }
  :: atomic { OVER -> break }
  od
}

/* Takes whoever holds the row for dead, rightly or not. */
proctype Manager() {
  byte token, who;
  do
  :: atomic { row.state == started -> token = TOKEN; who = row.claimed_by };
     atomic {
#ifdef BLIND_RESCUE
       if :: row.attempt > 0 -> put_back() :: else fi
#else
       if :: row.state == started && TOKEN == token && row.claimed_by == who -> put_back() :: else fi
#endif
       ; token = 0; who = 0
     }
  :: atomic { OVER -> break }
  od
}

/* Once, at any time: what was not durable has not been. Who holds the row then is whom the durable row names. */
proctype Crash() {
  atomic {
    row.state = durable.state; row.claim_seq = durable.claim_seq; row.attempt = durable.attempt;
    row.claimed_by = durable.claimed_by;
    if :: row.state == scheduled -> holding = 0 :: else fi
  }
}

init {
  atomic {
    row.state = scheduled; durable.state = scheduled;
    run Worker(1); run Worker(2); run Manager(); run Manager(); run Crash()
  };
  do
  :: stale_end || changed -> assert(false)
  :: _nr_pr == 1 -> break
  od
}
