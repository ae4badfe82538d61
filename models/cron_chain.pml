/* A cron is a chain of rows with one live link. Workers end links, which writes the next one; managers see to it that there
   is a link at all; a worker may die with its link, and be taken for dead while it lives.

   Holds: from the first link on there is exactly one live link, every slot that has come is run for once and none twice,
   and the chain never ends.

     MISFIRE_LATEST  of the slots that were missed, one runs
     SUBMITTED       somebody submits a cron of the same tag at some time. While a link runs there may then be a second one,
                     but never two that wait, and they become one again.

   Guards that can be left out, each with an error:
     TWO_STEPS       the next link is written after the commit that ends this one: a worker may die in between
     NO_FENCE        who ends a link does not ask whether it is still its own
     FROM_NOW        the next slot follows the present instead of the slot before
     UNLOCKED_LOOK   a manager looks for a link and writes one without keeping the others off meanwhile
     NO_INDEX        with SUBMITTED: nothing makes a second waiting link impossible
     BLIND_PUT_BACK  with SUBMITTED: a link is put back beside one that waits, and is a link still */
#define ROWS 5
#ifdef SUBMITTED
#define SLOTS 2        /* the second link needs rows as well */
#else
#define SLOTS 3
#endif
#define CLAIMS 2       /* of one link: the last one lives to its end */

mtype = { none, waiting, started, finished };

typedef Link { mtype state; byte slot; byte claim_seq };
Link link[ROWS];
byte rows = 0;
byte now = 1;          /* slots are instants 1, 2, … */
byte ran[SLOTS + 2];   /* how often each slot's link was ended */
byte live = 0;
byte waits = 0;
bool began = false;

/* ON CONFLICT DO NOTHING */
inline insert(its_slot) {
#ifndef NO_INDEX
  if
  :: waits > 0
  :: else ->
#endif
    assert(rows < ROWS);
    link[rows].state = waiting; link[rows].slot = its_slot; rows++;
    waits++; live++; began = true
#ifndef NO_INDEX
  fi
#endif
}

byte next;  /* of insert_after alone */

inline insert_after(its_slot) {
#ifdef FROM_NOW
  next = now + 1;
#else
  next = its_slot + 1;
#endif
#ifdef MISFIRE_LATEST
  if :: now > next -> next = now :: else fi;
#endif
  insert(next);
  next = 0
}

inline end_link(which, token) {
#ifdef NO_FENCE
  if :: link[which].state == started || link[which].state == finished ->
    if :: link[which].state == started -> live-- :: else fi;
#else
  if :: link[which].state == started && link[which].claim_seq == token ->
    live--;
#endif
    link[which].state = finished;
    ran[link[which].slot]++;
#ifdef TWO_STEPS
    writes = true
#else
    insert_after(link[which].slot)
#endif
  :: else
  fi
}

#define DUE(i) (link[i].state == waiting && link[i].slot <= now && link[i].slot <= SLOTS)
#define DONE (began && live == 1 && waits == 1 && now == SLOTS && !DUE(0) && !DUE(1) && !DUE(2) && !DUE(3) && !DUE(4))

inline claim(i) {
  link[i].state = started; link[i].claim_seq++; waits--;
  which = i; token = link[i].claim_seq
}

proctype Worker() {
  byte which, token;
  bool writes = false;
again:
  if
  :: atomic { DUE(0) -> claim(0) }
  :: atomic { DUE(1) -> claim(1) }
  :: atomic { DUE(2) -> claim(2) }
  :: atomic { DUE(3) -> claim(3) }
  :: atomic { DUE(4) -> claim(4) }
  :: DONE -> goto over
  fi;
  if
  :: true -> atomic { end_link(which, token) }
  :: token < CLAIMS  /* dies; lives again */
  fi;
#ifdef TWO_STEPS
  if
  :: atomic { writes -> insert_after(link[which].slot); writes = false }
  :: atomic { writes -> writes = false }  /* dies before */
  :: !writes
  fi;
#endif
  atomic { which = 0; token = 0 };
  goto again;
over:
  skip
}

#define HELD(i) (link[i].state == started && link[i].claim_seq < CLAIMS)

inline put_back(i) {
#ifdef BLIND_PUT_BACK
  link[i].state = waiting; waits++
#else
  if
  :: waits == 0 -> link[i].state = waiting; waits++
  :: else -> link[i].state = none; live--  /* runs, but is no link any more */
  fi
#endif
}

/* Puts back whatever link is held, its holder dead or not. */
proctype Rescuer() {
  do
  :: HELD(0) -> atomic { if :: HELD(0) -> put_back(0) :: else fi }
  :: HELD(1) -> atomic { if :: HELD(1) -> put_back(1) :: else fi }
  :: HELD(2) -> atomic { if :: HELD(2) -> put_back(2) :: else fi }
  :: HELD(3) -> atomic { if :: HELD(3) -> put_back(3) :: else fi }
  :: HELD(4) -> atomic { if :: HELD(4) -> put_back(4) :: else fi }
  :: DONE -> break
  od
}

/* Writes a link if there is none: two do that at once. The lock is that of the cron's declaration. */
proctype Manager() {
  bool none_there;
#ifdef UNLOCKED_LOOK
  none_there = (live == 0);
  atomic { if :: none_there -> insert(now) :: else fi }
#else
  atomic { none_there = (live == 0); if :: none_there -> insert(now) :: else fi }
#endif
}

#ifdef SUBMITTED
proctype Submitter() {
  atomic { insert(now) }
}
#endif

proctype Clock() {
  do
  :: atomic { now < SLOTS -> now++ }
  :: atomic { now == SLOTS -> break }
  od
}

#ifdef SUBMITTED
#define BROKEN (waits > 1 || (began && live == 0))
#else
#define BROKEN (live > 1 || (began && live == 0))
#endif

#if defined(SUBMITTED) || defined(MISFIRE_LATEST)
#define RAN_WELL(slot) true
#else
#define RAN_WELL(slot) (ran[slot] == 1)
#endif

init {
  byte slot;
  atomic {
    run Manager(); run Manager(); run Worker(); run Worker(); run Rescuer(); run Clock();
#ifdef SUBMITTED
    run Submitter()
#endif
  };
  do
  :: BROKEN -> assert(false)
  :: _nr_pr == 1 -> break
  od;
  assert(live == 1 && waits == 1);
  atomic {
    slot = link[0].slot;
    do
    :: slot <= SLOTS ->
#ifndef SUBMITTED
       assert(ran[slot] <= 1);
#endif
       assert(RAN_WELL(slot));
       slot++
    :: else -> break
    od
  }
}
