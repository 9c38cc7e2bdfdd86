// JSON (RFC 8259) as text: AssemblyScript has none of its own.

/**
 * Reads one value after another, without building a tree:
 *
 *     reader.enter("[");
 *     while (reader.more("]")) sum += reader.integer();
 *     if (!reader.finish()) { ... it was not that ... }
 *
 * The language has no exceptions to catch. After the first mistake everything reads as empty and `more` is false, so
 * it is enough to ask at the end.
 */
export class Reader {
  private at: i32 = 0;
  private end: i32;
  /** Nothing of the innermost list or object has been read. */
  private first: bool = true;
  private failed: bool = false;

  constructor(private text: string) {
    this.end = text.length;
  }

  /** Begins a list or an object. */
  enter(open: string): void {
    this.space();
    this.expect(open);
    this.first = true;
  }

  /** Whether there is another element or member before the end, which is read. */
  more(close: string): bool {
    this.space();
    const first = this.first;
    this.first = false;
    if (this.failed || this.take(close)) return false;
    if (!first) this.expect(",");
    return !this.failed;
  }

  /** The name of a member; its value must be read next. */
  name(): string {
    const name = this.string();
    this.space();
    this.expect(":");
    return name;
  }

  string(): string {
    this.space();
    this.expect('"');
    let text = "";
    let plain = this.at;
    while (!this.failed) {
      const code = this.peek();
      if (code == 0x22 || code == 0x5c) {
        text += this.text.substring(plain, this.at);
        this.at++;
        if (code == 0x22) return text;
        text += this.escape();
        plain = this.at;
      } else if (code < 0x20) {
        // A control character, or the end.
        this.fail();
      } else {
        this.at++;
      }
    }
    return "";
  }

  /** A number without fraction or exponent. */
  integer(): i64 {
    this.space();
    const start = this.at;
    this.number();
    const digits = this.text.substring(start, this.at);
    if (digits.includes(".") || digits.includes("e") || digits.includes("E") || digits.length > 18) this.fail();
    return this.failed ? 0 : I64.parseInt(digits);
  }

  /** Any value. */
  skip(depth: i32 = 0): void {
    this.space();
    const code = depth > 128 ? 0 : this.peek();
    if (code == 0x7b) {
      this.enter("{");
      while (this.more("}")) {
        this.name();
        this.skip(depth + 1);
      }
    } else if (code == 0x5b) {
      this.enter("[");
      while (this.more("]")) this.skip(depth + 1);
    } else if (code == 0x22) {
      this.string();
    } else if (!this.take("true") && !this.take("false") && !this.take("null")) {
      this.number();
    }
  }

  /** Whether all went well, and nothing is left. */
  finish(): bool {
    this.space();
    return !this.failed && this.at == this.end;
  }

  fail(): void {
    this.failed = true;
    this.at = this.end;
  }

  /** The next character's code, or 0 at the end. */
  private peek(): i32 {
    return this.at < this.end ? this.text.charCodeAt(this.at) : 0;
  }

  private take(wanted: string): bool {
    if (!this.text.startsWith(wanted, this.at)) return false;
    this.at += wanted.length;
    return true;
  }

  private expect(wanted: string): void {
    if (!this.take(wanted)) this.fail();
  }

  private space(): void {
    for (;;) {
      const code = this.peek();
      if (code != 0x20 && code != 0x0a && code != 0x0d && code != 0x09) return;
      this.at++;
    }
  }

  private number(): void {
    this.take("-");
    if (!this.take("0")) this.digits();
    if (this.take(".")) this.digits();
    if (this.take("e") || this.take("E")) {
      if (!this.take("+")) this.take("-");
      this.digits();
    }
  }

  private digits(): void {
    if (!isDigit(this.peek())) this.fail();
    while (isDigit(this.peek())) this.at++;
  }

  /** What follows a backslash. */
  private escape(): string {
    const code = this.peek();
    const found = code == 0 ? -1 : ESCAPES.indexOf(String.fromCharCode(code));
    this.at++;
    if (found >= 0) return MEANINGS.charAt(found);
    // UTF-16 here as well: a pair of surrogates is two characters.
    const digits = this.text.substring(this.at, this.at + 4);
    for (let i = 0; i < 4; i++) {
      if (code != 0x75 || i >= digits.length || !isHexDigit(digits.charCodeAt(i))) this.fail();
    }
    if (this.failed) return "";
    this.at += 4;
    return String.fromCharCode(<i32>parseInt(digits, 16));
  }
}

const ESCAPES = '"\\/bfnrt';
const MEANINGS = '"\\/\b\f\n\r\t';

function isDigit(code: i32): bool {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: i32): bool {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66);
}

/** A string in quotes, with the escapes that it needs. */
export function quoted(text: string): string {
  let quoted = '"';
  let plain = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code == 0x22 || code == 0x5c || code < 0x20) {
      quoted += text.substring(plain, i) + escaped(code);
      plain = i + 1;
    }
  }
  return quoted + text.substring(plain) + '"';
}

function escaped(code: i32): string {
  const character = String.fromCharCode(code);
  const found = character == "/" ? -1 : MEANINGS.indexOf(character);
  return found >= 0 ? "\\" + ESCAPES.charAt(found) : "\\u" + code.toString(16).padStart(4, "0");
}
