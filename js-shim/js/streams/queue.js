// The queue-with-sizes of the standard (section 8.1), and a plain queue. Taking from the front is cheap.

/** How many places at the front may be empty before the rest moves up. */
const SLACK = 256;

export class Queue {
  #items = [];
  #head = 0;

  get length() { return this.#items.length - this.#head; }

  push(item) { this.#items.push(item); }

  peek() { return this.#items[this.#head]; }

  shift() {
    const items = this.#items;
    const item = items[this.#head];
    items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= SLACK && this.#head * 2 > items.length) {
      this.#items = items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Empties the queue and gives what was in it. */
  takeAll() {
    const items = this.#head === 0 ? this.#items : this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return items;
  }
}

export class SizedQueue {
  // each value is followed by its size
  #items = [];
  #head = 0;
  total = 0;

  get length() { return (this.#items.length - this.#head) / 2; }

  push(value, size) {
    if (!(size >= 0) || size === Infinity) throw new RangeError(`The size of a chunk must be a finite, non-negative number, but it is ${size}.`);
    this.#items.push(value, size);
    this.total += size;
  }

  peek() { return this.#items[this.#head]; }

  shift() {
    const items = this.#items;
    const head = this.#head;
    const value = items[head];
    this.total -= items[head + 1];
    // rounding errors
    if (this.total < 0) this.total = 0;
    items[head] = undefined;
    this.#head = head + 2;
    if (this.#head === items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (head >= SLACK && head * 2 > items.length) {
      this.#items = items.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }

  clear() {
    this.#items = [];
    this.#head = 0;
    this.total = 0;
  }
}
