// Intl.DateTimeFormat and the methods of Date. Expected values are those of V8 with ICU 78.

const NOON = new Date(Date.UTC(2026, 8, 23, 14, 5, 9, 87));
const JANUARY = new Date(Date.UTC(2026, 0, 5, 3, 4, 5, 6));
const format = (locale, options, date = NOON) => new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options }).format(date);

test('styles', () => {
  assert.equal(format('en', { dateStyle: 'full' }), 'Wednesday, September 23, 2026');
  assert.equal(format('en', { dateStyle: 'short', timeStyle: 'short' }), '9/23/26, 2:05 PM');
  assert.equal(format('en', { dateStyle: 'long', timeStyle: 'medium' }), 'September 23, 2026 at 2:05:09 PM');
  assert.equal(format('de', { dateStyle: 'full', timeStyle: 'short' }), 'Mittwoch, 23. September 2026 um 14:05');
  assert.equal(format('fr', { dateStyle: 'medium' }), '23 sept. 2026');
  assert.equal(format('ja', { dateStyle: 'long' }), '2026年9月23日');
  assert.equal(format('en-GB', { dateStyle: 'short' }), '23/09/2026');
});

test('fields in the widths asked for', () => {
  assert.equal(format('en', undefined), '9/23/2026');
  assert.equal(format('de', undefined, JANUARY), '5.1.2026');
  assert.equal(format('de', { year: 'numeric', month: '2-digit', day: '2-digit' }, JANUARY), '05.01.2026');
  assert.equal(format('en', { weekday: 'short', month: 'short', day: 'numeric' }), 'Wed, Sep 23');
  assert.equal(format('de', { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' }), 'Mi., 23. Sept. 2026');
  assert.equal(format('es', { month: 'long', year: 'numeric' }), 'septiembre de 2026');
  assert.equal(format('ru', { month: 'long' }), 'сентябрь');
  assert.equal(format('ru', { month: 'long', day: 'numeric' }), '23 сентября');
  assert.equal(format('en', { month: 'narrow' }), 'S');
  assert.equal(format('en', { year: '2-digit', month: 'numeric' }), '9/26');
  assert.equal(format('en', { era: 'short', year: 'numeric' }), '2026 AD');
  assert.equal(format('en', { minute: '2-digit', second: '2-digit' }), '05:09');
  assert.equal(format('de', { second: 'numeric', fractionalSecondDigits: 2 }), '9,08');
  assert.equal(format('en', { hour: '2-digit', minute: '2-digit' }, JANUARY), '03:04 AM');
});

test('hour cycles', () => {
  assert.equal(format('en', { hour: 'numeric', hour12: false }, JANUARY), '03');
  assert.equal(format('en', { hour: 'numeric', minute: 'numeric', hourCycle: 'h23' }), '14:05');
  assert.equal(format('de', { hour: 'numeric', minute: 'numeric', hour12: true }), '2:05 PM');
  assert.equal(format('en-u-hc-h23', { timeStyle: 'short' }), '14:05');
  const midnight = new Date(0);
  assert.equal(format('en', { hour: 'numeric', hourCycle: 'h24' }, midnight), '24');
  assert.equal(format('en', { hour: 'numeric', hourCycle: 'h11' }, midnight), '0 AM');
});

test('time zones, with daylight saving', () => {
  const at = (timeZone, date, options = {}) => format('en', { timeStyle: 'long', ...options, timeZone }, date);
  assert.equal(at('America/New_York', NOON), '10:05:09 AM EDT');
  assert.equal(at('America/New_York', JANUARY), '10:04:05 PM EST');
  assert.equal(at('Europe/Berlin', NOON), '4:05:09 PM GMT+2');
  assert.equal(format('de', { timeStyle: 'long', timeZone: 'Europe/Berlin' }), '16:05:09 MESZ');
  assert.equal(at('Asia/Kolkata', NOON, { timeStyle: 'full' }), '7:35:09 PM India Standard Time');
  assert.equal(at('asia/kathmandu', NOON, { timeStyle: 'short' }), '7:50 PM');
  assert.equal(at('+05:30', NOON, { timeStyle: 'short' }), '7:35 PM');
  assert.equal(at('Australia/Lord_Howe', JANUARY, { timeStyle: 'short' }), '2:04 PM');
  const names = ['short', 'long', 'shortOffset', 'longOffset', 'shortGeneric', 'longGeneric'];
  assert.deepEqual(names.map((timeZoneName) => format('en', { hour: 'numeric', timeZone: 'America/Los_Angeles', timeZoneName })), [
    '7 AM PDT', '7 AM Pacific Daylight Time', '7 AM GMT-7', '7 AM GMT-07:00', '7 AM PT', '7 AM Pacific Time',
  ]);
  // the last rule of the database goes on for ever
  assert.equal(at('America/New_York', new Date(Date.UTC(2100, 6, 1, 12))), '8:00:00 AM EDT');
  assert.equal(new Intl.DateTimeFormat('en', { timeZone: 'america/new_york' }).resolvedOptions().timeZone, 'America/New_York');
  assert.equal(new Intl.DateTimeFormat('en', { timeZone: 'etc/utc' }).resolvedOptions().timeZone, 'UTC');
  assert.equal(new Intl.DateTimeFormat().resolvedOptions().timeZone, 'UTC');
  assert.throws(() => new Intl.DateTimeFormat('en', { timeZone: 'Nope/Nope' }), 'RangeError');
});

test('calendars and numbering systems', () => {
  assert.equal(format('th', { dateStyle: 'medium' }), '23 ก.ย. 2569');
  assert.equal(format('en', { calendar: 'japanese', dateStyle: 'long' }), 'September 23, 8 Reiwa');
  assert.equal(format('en', { calendar: 'hebrew', dateStyle: 'long' }), '12 Tishri 5787');
  assert.equal(format('en-u-ca-persian', { dateStyle: 'long' }), 'Mehr 1, 1405 AP');
  assert.equal(format('en', { calendar: 'buddhist', year: 'numeric' }), '2569 BE');
  assert.equal(format('fa', { year: 'numeric' }), '۱۴۰۵');
  assert.equal(format('ar-EG', { dateStyle: 'short' }), '٢٣\u200f/٩\u200f/٢٠٢٦');
  assert.equal(format('hi-u-nu-deva', { day: 'numeric' }), '२३');
});

test('parts', () => {
  const parts = new Intl.DateTimeFormat('en', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'short' }).formatToParts(NOON);
  assert.equal(parts.map(({ type, value }) => `${type}:${value}`).join('|'),
    'month:9|literal:/|day:23|literal:/|year:26|literal:, |hour:2|literal::|minute:05|literal: |dayPeriod:PM');
  assert.equal(parts.map((part) => part.value).join(''), '9/23/26, 2:05 PM');
});

test('ranges', () => {
  const range = new Intl.DateTimeFormat('en', { timeZone: 'UTC' });
  assert.equal(range.formatRange(JANUARY, NOON), '1/5/2026\u2009–\u20099/23/2026');
  assert.equal(range.formatRange(NOON, NOON), '9/23/2026');
  assert.deepEqual(range.formatRangeToParts(JANUARY, NOON).map((part) => part.source),
    [...Array(5).fill('startRange'), 'shared', ...Array(5).fill('endRange')]);
  assert.throws(() => range.formatRange(NOON), 'TypeError');
});

test('options are checked and resolved', () => {
  assert.throws(() => new Intl.DateTimeFormat('en', { dateStyle: 'full', year: 'numeric' }), 'TypeError');
  assert.throws(() => new Intl.DateTimeFormat('en', { hour: 'long' }), 'RangeError');
  assert.throws(() => new Intl.DateTimeFormat('en', { fractionalSecondDigits: 4 }), 'RangeError');
  assert.throws(() => new Intl.DateTimeFormat('en').format(NaN), 'RangeError');
  assert.deepEqual(new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', month: 'long', day: 'numeric', hour: 'numeric' }).resolvedOptions(), {
    locale: 'en-GB', calendar: 'gregory', numberingSystem: 'latn', timeZone: 'Asia/Tokyo', hourCycle: 'h23', hour12: false,
    month: 'long', day: 'numeric', hour: '2-digit',
  });
  assert.deepEqual(new Intl.DateTimeFormat('ja', { dateStyle: 'short' }).resolvedOptions(), {
    locale: 'ja', calendar: 'gregory', numberingSystem: 'latn', timeZone: 'UTC', dateStyle: 'short',
  });
});

test('the methods of Date', () => {
  assert.equal(NOON.toLocaleString(), '9/23/2026, 2:05:09 PM');
  assert.equal(NOON.toLocaleDateString('en-GB'), '23/09/2026');
  assert.equal(NOON.toLocaleTimeString('de'), '14:05:09');
  assert.equal(NOON.toLocaleDateString('en-US', { timeZone: 'Asia/Tokyo', weekday: 'long' }), 'Wednesday');
  assert.equal(new Date(NaN).toLocaleString(), 'Invalid Date');
  assert.throws(() => NOON.toLocaleDateString('en', { timeStyle: 'short' }), 'TypeError');
  assert.throws(() => Date.prototype.toLocaleString.call({}), 'TypeError');
});
