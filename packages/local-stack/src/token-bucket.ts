/** API Gateway's throttle: `burstLimit` requests at once, refilled at `rateLimit` a second. */
export class TokenBucket {
  readonly #rateLimit: number;
  readonly #burstLimit: number;
  #tokens: number;
  #atMs: number;

  constructor(limits: { rateLimit: number; burstLimit: number }, nowMs: number) {
    this.#rateLimit = limits.rateLimit;
    this.#burstLimit = limits.burstLimit;
    this.#tokens = limits.burstLimit;
    this.#atMs = nowMs;
  }

  /** Takes one token; false when there is none. */
  take(nowMs: number): boolean {
    const refill = (Math.max(0, nowMs - this.#atMs) / 1000) * this.#rateLimit;
    this.#tokens = Math.min(this.#burstLimit, this.#tokens + refill);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
