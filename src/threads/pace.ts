// Whether threads are worth it for a program: measured, not guessed, since it depends on the program, on the machine
// and on what else runs there. The bits are the same either way.

/** A program that takes less than this many milliseconds alone is left alone. */
const WORTH_MS = 1;
/** Of so many runs the least time counts. */
const RUNS = 3;
/** The other way is tried after so many runs, and after twice as many whenever it was no better, up to a limit. */
const GAPS = { first: 32, last: 512 };

/** The latest times of one way. */
class Times {
  private readonly latest: number[] = [];
  count = 0;

  add(ms: number): void {
    this.latest[this.count++ % RUNS] = ms;
  }

  get least(): number {
    return Math.min(...this.latest);
  }
}

/** The times of one program, and what follows from them. */
export class Pace {
  /** Whether the next run is to be by all threads. */
  together = false;
  private usual = new Times();
  /** While the other way is tried, its times. */
  private trial: Times | undefined;
  /** The least time of the other way when it was last tried. */
  private other = Number.POSITIVE_INFINITY;
  private gap = GAPS.first;
  private left = RUNS + 1; // in the first run engines compile
  private rest = 0;

  /** Whether the next run is to be timed: of small programs few are, so that they lose nothing. */
  isTimed(): boolean {
    return this.rest === 0 || this.rest-- === 0;
  }

  /** Takes down how long a run took, and decides about the next. */
  took(ms: number): void {
    if (!this.trial) {
      this.usual.add(ms);
      this.left--;
      if (this.left > 0 && !(this.usual.least > this.other)) return;
      this.left = RUNS;
      if (!this.together && this.usual.least < WORTH_MS) {
        this.rest = this.gap;
        return;
      }
      this.trial = new Times();
      this.together = !this.together;
      return;
    }
    this.trial.add(ms);
    if (this.trial.count < RUNS) return;
    if (this.trial.least < this.usual.least) {
      this.other = this.usual.least;
      this.usual = this.trial;
      this.gap = GAPS.first;
    } else {
      this.other = this.trial.least;
      this.together = !this.together;
      this.gap = Math.min(2 * this.gap, GAPS.last);
    }
    this.left = this.gap;
    this.trial = undefined;
  }
}
