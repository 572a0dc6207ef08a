/** A page of a list, as JSON; times in all answers are epoch ms. `next` is given back as `cursor`; absent at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}
