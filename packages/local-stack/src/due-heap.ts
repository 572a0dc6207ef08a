/** Things that fall due, the earliest first. */
export class DueHeap<T> {
  readonly #entries: { readonly at: number; readonly item: T }[] = [];

  push(at: number, item: T): void {
    const entries = this.#entries;
    let index = entries.push({ at, item }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at(parent) <= this.#at(index)) break;
      this.#swap(parent, index);
      index = parent;
    }
  }

  /** When the earliest is due. */
  nextAt(): number | undefined {
    return this.#entries[0]?.at;
  }

  /** Takes the earliest if it is due. */
  popDue(now: number): { readonly at: number; readonly item: T } | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.at > now) return undefined;
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) {
      this.#entries[0] = last;
      this.#sink();
    }
    return first;
  }

  clear(): void {
    this.#entries.length = 0;
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) if (this.#at(child) < this.#at(least)) least = child;
      if (least === index) return;
      this.#swap(least, index);
      index = least;
    }
  }

  #at(index: number): number {
    return this.#entries[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swap(left: number, right: number): void {
    const entries = this.#entries;
    const [a, b] = [entries[left], entries[right]];
    if (a !== undefined && b !== undefined) {
      entries[left] = b;
      entries[right] = a;
    }
  }
}
