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
  #values = new Queue();
  #sizes = new Queue();
  total = 0;

  get length() { return this.#values.length; }

  push(value, size) {
    if (!(size >= 0) || size === Infinity) throw new RangeError(`The size of a chunk must be a finite, non-negative number, but it is ${size}.`);
    this.#values.push(value);
    this.#sizes.push(size);
    this.total += size;
  }

  peek() { return this.#values.peek(); }

  shift() {
    this.total -= this.#sizes.shift();
    // rounding errors
    if (this.total < 0) this.total = 0;
    return this.#values.shift();
  }

  clear() {
    this.#values.takeAll();
    this.#sizes.takeAll();
    this.total = 0;
  }
}
