/** The distinct sentences of one text: what repeats them gives their place in the list. */
export class Words {
  readonly list: string[] = [];

  indexOf(sentence: string): number {
    const index = this.list.indexOf(sentence);
    return index === -1 ? this.list.push(sentence) - 1 : index;
  }
}
