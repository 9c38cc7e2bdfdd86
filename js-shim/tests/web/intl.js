// Intl: numbers, plurals, lists, relative times, collation, segments, locales. Expected values are those of V8 with ICU 78,
// where CLDR has not changed since.

const number = (locale, options, value) => new Intl.NumberFormat(locale, options).format(value);
const parts = (list) => list.map(({ type, value }) => `${type}:${value}`).join('|');

test('numbers are grouped and rounded as the locale has it', () => {
  assert.equal(number('en', undefined, 1234567.891), '1,234,567.891');
  assert.equal(number('de', undefined, 1234567.891), '1.234.567,891');
  assert.equal(number('fr', undefined, -1234.5), '-1\u202f234,5');
  assert.equal(number('es', undefined, 1234), '1234');
  assert.equal(number('hi', undefined, 1234567.891), '12,34,567.891');
  assert.equal(number('ar-EG', undefined, 12.5), '١٢٫٥');
  assert.equal(number('en', undefined, NaN), 'NaN');
  assert.equal(number('en', undefined, -Infinity), '-∞');
  assert.equal(number('en', undefined, -0), '-0');
  assert.equal(number('en', undefined, 12345678901234567890n), '12,345,678,901,234,567,890');
  assert.equal(number('en', { maximumFractionDigits: 20 }, '0.00000012345678912345'), '0.00000012345678912345');
});

test('digits, signs and grouping follow the options', () => {
  assert.equal(number('en', { maximumFractionDigits: 2 }, 1.005), '1.01');
  assert.equal(number('en', { maximumSignificantDigits: 3 }, 123456), '123,000');
  assert.equal(number('en', { minimumIntegerDigits: 3, useGrouping: false }, 7), '007');
  assert.equal(number('en', { signDisplay: 'exceptZero' }, 0), '0');
  assert.equal(number('en', { signDisplay: 'always' }, 5), '+5');
  assert.equal(number('en', { signDisplay: 'negative' }, -0), '0');
  assert.equal(number('en', { maximumFractionDigits: 0, roundingMode: 'halfEven' }, 2.5), '2');
  assert.equal(number('en', { maximumFractionDigits: 0, roundingMode: 'ceil' }, -1.5), '-1');
  assert.equal(number('en', { minimumFractionDigits: 2, maximumFractionDigits: 2, roundingIncrement: 5 }, 1.13), '1.15');
  assert.equal(number('en', { minimumFractionDigits: 2, trailingZeroDisplay: 'stripIfInteger' }, 3), '3');
  assert.equal(number('en', { notation: 'scientific' }, 123456), '1.235E5');
  assert.equal(number('en', { notation: 'engineering' }, 1e-7), '100E-9');
});

test('percent, currencies and units', () => {
  assert.equal(number('en', { style: 'percent' }, 0.256), '26%');
  assert.equal(number('de', { style: 'percent', maximumFractionDigits: 1 }, -0.2567), '-25,7\u00a0%');
  assert.equal(number('en-US', { style: 'currency', currency: 'USD' }, -1234.5), '-$1,234.50');
  assert.equal(number('de', { style: 'currency', currency: 'eur' }, 1234.5), '1.234,50\u00a0€');
  assert.equal(number('ja', { style: 'currency', currency: 'JPY' }, 1234.5), '￥1,235');
  assert.equal(number('en', { style: 'currency', currency: 'USD', currencySign: 'accounting' }, -5), '($5.00)');
  assert.equal(number('en', { style: 'currency', currency: 'USD', currencyDisplay: 'name' }, 2), '2.00 US dollars');
  assert.equal(number('en', { style: 'currency', currency: 'CAD', currencyDisplay: 'narrowSymbol' }, 2), '$2.00');
  assert.equal(number('en', { style: 'currency', currency: 'XQQ' }, 2), 'XQQ\u00a02.00');
  assert.equal(number('en', { style: 'unit', unit: 'kilometer', unitDisplay: 'long' }, 16), '16 kilometers');
  assert.equal(number('fr', { style: 'unit', unit: 'day', unitDisplay: 'long' }, 1), '1\u00a0jour');
  assert.equal(number('en', { style: 'unit', unit: 'megabyte' }, 16), '16 MB');
});

test('compact numbers choose their unit after rounding', () => {
  assert.equal(number('en', { notation: 'compact' }, 1234567), '1.2M');
  assert.equal(number('en', { notation: 'compact' }, 999999), '1M');
  assert.equal(number('en', { notation: 'compact' }, 999), '999');
  assert.equal(number('de', { notation: 'compact', compactDisplay: 'long' }, 1234567), '1,2 Millionen');
  assert.equal(number('ja', { notation: 'compact' }, 12345), '1.2万');
});

test('parts of numbers', () => {
  assert.equal(parts(new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' }).formatToParts(-1234.5)),
    'minusSign:-|currency:$|integer:1|group:,|integer:234|decimal:.|fraction:50');
  assert.equal(parts(new Intl.NumberFormat('de', { style: 'percent' }).formatToParts(0.5)), 'integer:50|literal:\u00a0|percentSign:%');
  assert.equal(parts(new Intl.NumberFormat('en', { notation: 'compact', compactDisplay: 'long' }).formatToParts(2e6)), 'integer:2|literal: |compact:million');
  assert.equal(parts(new Intl.NumberFormat('en', { notation: 'scientific' }).formatToParts(0.01)),
    'integer:1|exponentSeparator:E|exponentMinusSign:-|exponentInteger:2');
  assert.equal(parts(new Intl.NumberFormat('en', { style: 'unit', unit: 'hour', unitDisplay: 'long' }).formatToParts(1)), 'integer:1|literal: |unit:hour');
});

test('options of numbers are checked', () => {
  assert.throws(() => new Intl.NumberFormat('en', { style: 'currency' }), 'TypeError');
  assert.throws(() => new Intl.NumberFormat('en', { style: 'currency', currency: 'US' }), 'RangeError');
  assert.throws(() => new Intl.NumberFormat('en', { style: 'unit', unit: 'parsec' }), 'RangeError');
  assert.throws(() => new Intl.NumberFormat('en', { maximumFractionDigits: 101 }), 'RangeError');
  assert.throws(() => new Intl.NumberFormat('en', { minimumFractionDigits: 3, maximumFractionDigits: 2 }), 'RangeError');
  assert.throws(() => new Intl.NumberFormat('en', null), 'TypeError');
  assert.throws(() => new Intl.NumberFormat('not a locale'), 'RangeError');
  assert.throws(() => Intl.NumberFormat.prototype.formatToParts.call({}, 1), 'TypeError');
  assert.deepEqual(new Intl.NumberFormat('de-AT-u-nu-arab').resolvedOptions(), {
    locale: 'de-AT-u-nu-arab', numberingSystem: 'arab', style: 'decimal', minimumIntegerDigits: 1, minimumFractionDigits: 0,
    maximumFractionDigits: 3, useGrouping: 'auto', notation: 'standard', signDisplay: 'auto', roundingIncrement: 1,
    roundingMode: 'halfExpand', roundingPriority: 'auto', trailingZeroDisplay: 'auto',
  });
});

test('plural rules', () => {
  const select = (locale, value, type = 'cardinal') => new Intl.PluralRules(locale, { type }).select(value);
  assert.deepEqual([0, 1, 2, 1.5].map((value) => select('en', value)), ['other', 'one', 'other', 'other']);
  assert.deepEqual([1, 2, 3, 11, 21].map((value) => select('en', value, 'ordinal')), ['one', 'two', 'few', 'other', 'one']);
  assert.deepEqual([1, 2, 5, 21, 1.5].map((value) => select('ru', value)), ['one', 'few', 'many', 'one', 'other']);
  assert.equal(new Intl.PluralRules('en', { minimumFractionDigits: 1 }).select(1), 'other');
  assert.equal(new Intl.PluralRules('en').selectRange(0, 1), 'other');
  assert.deepEqual(new Intl.PluralRules('ar').resolvedOptions().pluralCategories, ['few', 'many', 'one', 'two', 'zero', 'other']);
  assert.throws(() => Intl.PluralRules('en'), 'TypeError');
});

test('lists', () => {
  assert.equal(new Intl.ListFormat('en').format(['a', 'b', 'c']), 'a, b, and c');
  assert.equal(new Intl.ListFormat('de', { type: 'disjunction' }).format(['a', 'b']), 'a oder b');
  assert.equal(new Intl.ListFormat('es').format(['España', 'Italia']), 'España e Italia');
  assert.equal(parts(new Intl.ListFormat('en').formatToParts(new Set(['a', 'b']))), 'element:a|literal: and |element:b');
  assert.throws(() => new Intl.ListFormat('en').format([1]), 'TypeError');
});

test('relative times', () => {
  const relative = (locale, options, ...value) => new Intl.RelativeTimeFormat(locale, options).format(...value);
  assert.equal(relative('en', undefined, -1, 'day'), '1 day ago');
  assert.equal(relative('en', { numeric: 'auto' }, -1, 'days'), 'yesterday');
  assert.equal(relative('en', undefined, 1234, 'second'), 'in 1,234 seconds');
  assert.equal(relative('en', undefined, -0, 'day'), '0 days ago');
  assert.equal(relative('de', { style: 'short' }, 2, 'month'), 'in 2 Monaten');
  assert.equal(relative('pl', undefined, 5, 'hour'), 'za 5 godzin');
  assert.deepEqual(new Intl.RelativeTimeFormat('en').formatToParts(2, 'week'), [
    { type: 'literal', value: 'in ' }, { type: 'integer', value: '2', unit: 'week' }, { type: 'literal', value: ' weeks' },
  ]);
  assert.throws(() => relative('en', undefined, 1, 'eon'), 'RangeError');
  assert.throws(() => relative('en', undefined, NaN, 'day'), 'RangeError');
});

test('collation', () => {
  const sorted = (locale, list, options) => [...list].sort(new Intl.Collator(locale, options).compare).join('');
  assert.equal(sorted('de', 'zäaÄ'), 'aäÄz');
  assert.equal(sorted('sv', 'zäaö'), 'azäö');
  assert.equal(sorted('es', 'nñoz'), 'nñoz');
  assert.equal(sorted('zh', '中文a'), '文中a');
  const compare = (a, b, options) => new Intl.Collator('en', options).compare(a, b);
  assert.equal(compare('a2', 'a10', { numeric: true }), -1);
  assert.equal(compare('a2', 'a10'), 1);
  assert.equal(compare('résumé', 'RESUME', { sensitivity: 'base' }), 0);
  assert.equal(compare('a', 'A', { sensitivity: 'accent' }), 0);
  assert.equal(compare('a', 'á', { sensitivity: 'case' }), 0);
  assert.equal(compare('a', 'A', { caseFirst: 'upper' }), 1);
  assert.equal(compare('co-op', 'coop', { ignorePunctuation: true }), 0);
});

test('segments', () => {
  const segment = (granularity, text) => [...new Intl.Segmenter('en', { granularity }).segment(text)];
  assert.deepEqual(segment('grapheme', '👩‍👩‍👧‍👦e\u0301x').map((item) => item.index), [0, 11, 13]);
  assert.deepEqual(segment('word', 'It\'s 3.14!').map((item) => [item.segment, item.isWordLike]),
    [['It\'s', true], [' ', false], ['3.14', true], ['!', false]]);
  assert.deepEqual(segment('word', 'สวัสดีชาวโลก').map((item) => item.segment), ['สวัสดี', 'ชาว', 'โลก']);
  assert.deepEqual(segment('sentence', 'One. Two? 3').map((item) => item.segment), ['One. ', 'Two? ', '3']);
  const segments = new Intl.Segmenter('en', { granularity: 'word' }).segment('ab cd');
  assert.deepEqual(segments.containing(3), { segment: 'cd', index: 3, input: 'ab cd', isWordLike: true });
  assert.equal(segments.containing(5), undefined);
  assert.deepEqual(segment('word', ''), []);
});

test('locales are made canonical and resolved', () => {
  assert.deepEqual(Intl.getCanonicalLocales(['EN-us', 'iw', 'en-US', 'zh-hant-tw-u-nu-latn-ca-chinese']), ['en-US', 'he', 'zh-Hant-TW-u-ca-chinese-nu-latn']);
  assert.throws(() => Intl.getCanonicalLocales('en_US'), 'RangeError');
  assert.throws(() => Intl.getCanonicalLocales([1]), 'TypeError');
  assert.equal(new Intl.NumberFormat(['xx', 'de-XX']).resolvedOptions().locale, 'de');
  assert.equal(new Intl.NumberFormat('xx').resolvedOptions().locale, 'en-US');
  assert.deepEqual(Intl.NumberFormat.supportedLocalesOf(['de-DE', 'xx', 'nb', 'zh-TW']), ['de-DE', 'nb', 'zh-TW']);
  const locale = new Intl.Locale('zh-tw', { calendar: 'roc', numeric: true });
  assert.equal(String(locale), 'zh-TW-u-ca-roc-kn');
  assert.equal(String(locale.maximize()), 'zh-Hant-TW-u-ca-roc-kn');
  assert.deepEqual([locale.baseName, locale.language, locale.region, locale.numeric, locale.script === undefined], ['zh-TW', 'zh', 'TW', true, true]);
  assert.equal(new Intl.Locale('en-Latn-US').minimize().baseName, 'en');
  assert.throws(() => new Intl.Locale('en', { region: '?' }), 'RangeError');
  assert.ok(Intl.supportedValuesOf('timeZone').includes('Europe/Berlin'));
  assert.ok(Intl.supportedValuesOf('currency').includes('USD'));
  assert.throws(() => Intl.supportedValuesOf('colour'), 'RangeError');
});

test('built-in objects ask the locale', () => {
  assert.equal((1234.5).toLocaleString(), '1,234.5');
  assert.equal((1234.56789).toLocaleString(), '1,234.568');
  assert.equal((-1e21).toLocaleString(), '-1,000,000,000,000,000,000,000');
  assert.equal((1234.5).toLocaleString('de'), '1.234,5');
  assert.equal((123456789n).toLocaleString('en-US'), '123,456,789');
  assert.equal([1234.5, null, 'a'].toLocaleString('de'), '1.234,5,,a');
  assert.equal(new Float32Array([1.5, 1000]).toLocaleString('de'), '1,5,1.000');
  assert.equal('a'.localeCompare('b'), -1);
  assert.equal('a'.localeCompare('B'), -1);
  assert.equal('résumé'.localeCompare('resume', 'en', { sensitivity: 'base' }), 0);
  assert.equal('i'.toLocaleUpperCase('tr'), 'İ');
  assert.equal('I'.toLocaleLowerCase('tr'), 'ı');
  assert.equal('ß'.toLocaleUpperCase(), 'SS');
  assert.throws(() => Number.prototype.toLocaleString.call('1'), 'TypeError');
});

test('the shape of Intl', () => {
  assert.equal(String(Intl), '[object Intl]');
  assert.equal(Object.getOwnPropertyDescriptor(globalThis, 'Intl').enumerable, false);
  for (const name of ['Collator', 'DateTimeFormat', 'ListFormat', 'NumberFormat', 'PluralRules', 'RelativeTimeFormat', 'Segmenter']) {
    const Service = Intl[name];
    assert.deepEqual([Service.name, Service.length, Object.keys(Service.prototype)], [name, 0, []]);
    assert.equal(String(new Service()), `[object Intl.${name}]`);
    assert.equal(Object.getPrototypeOf(new Service()).constructor, Service);
  }
  assert.equal(Intl.NumberFormat('de').format(0.5), '0,5');
  assert.ok(Intl.DateTimeFormat() instanceof Intl.DateTimeFormat);
  const { format } = new Intl.NumberFormat('de');
  assert.deepEqual([1.5, 2].map((value) => format(value)), ['1,5', '2']);
  class Own extends Intl.NumberFormat {}
  assert.ok(new Own('en') instanceof Own);
});
