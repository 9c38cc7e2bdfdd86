use oxc_sourcemap::SourceMapBuilder;

use super::*;

const TS: &str =
    "// comment\nexport function handle(x: number) {\n\tconst y = x;\n  throw new Error('no');\n}\nlast line";

/// Two sources; the bundle's lines 1 to 3 come from `src/a.ts`, line 5 from `lib/b.js`, line 4 from nothing.
fn map() -> SourceMap {
    let mut builder = SourceMapBuilder::default();
    let a = builder.add_source_and_content("src/a.ts", TS);
    let b = builder.add_source_and_content("lib/b.js", "b()");
    builder.add_token(0, 0, 1, 0, Some(a), None);
    builder.add_token(1, 1, 2, 1, Some(a), None);
    builder.add_token(2, 1, 3, 2, Some(a), None);
    builder.add_token(2, 7, 3, 8, Some(a), None);
    builder.add_token(4, 0, 0, 0, Some(b), None);
    SourceMap::parse(&builder.into_sourcemap().to_json_string()).unwrap()
}

fn lines(frames: &[Frame]) -> Vec<String> {
    frames.iter().map(ToString::to_string).collect()
}

#[test]
fn every_form_of_frame_is_mapped() {
    let stack = "    at handle (worker.js:3:8)\n    at async fetch (worker.js:2:2)\n    at worker.js:5:1\n    at map (native)\n    at <anonymous> (worker.js:1:1)\n";
    assert_eq!(
        lines(&map().map_stack(stack)),
        [
            "at handle (src/a.ts:4:9)",
            "at async fetch (src/a.ts:3:2)",
            "at lib/b.js:1:1",
            "at map (native)",
            "at <anonymous> (src/a.ts:2:1)",
        ]
    );
}

#[test]
fn columns_between_tokens_belong_to_the_token_before_and_before_the_first_to_the_first() {
    let map = map();
    assert_eq!(lines(&map.map_stack("    at f (worker.js:3:30)")), ["at f (src/a.ts:4:9)"]);
    assert_eq!(lines(&map.map_stack("    at f (worker.js:3:1)")), ["at f (src/a.ts:4:3)"]);
}

#[test]
fn frames_of_the_runtime_and_of_generated_code_are_left_out() {
    let stack = "    at __commonJS (worker.js:4:1)\n    at handle (worker.js:3:2)\n    at run (glowplug:prelude:10:5)\n    at glowplug:events:3:1\n    at later (worker.js:400:1)";
    assert_eq!(lines(&map().map_stack(stack)), ["at handle (src/a.ts:4:3)"]);
}

#[test]
fn a_stack_of_generated_code_alone_is_kept_as_it_is() {
    let stack = "    at __commonJS (worker.js:4:1)\n    at run (glowplug:prelude:10:5)";
    assert_eq!(lines(&map().map_stack(stack)), ["at __commonJS (worker.js:4:1)"]);
}

#[test]
fn what_is_no_frame_is_left_out() {
    let stack = "Error: at home (really)\n  at\n    at x\n    at (:1:2)\n    at a:b:c\n    at worker.js:0:0\nat f (worker.js:99999999999:1)\n";
    assert_eq!(lines(&map().map_stack(stack)), ["at worker.js:0:0"]);
    assert_eq!(map().map_stack(""), []);
}

#[test]
fn names_may_have_parentheses_and_files_colons() {
    let frame = parse_frame("    at get [x] (y) (http://host:80/a.js:7:3)").unwrap();
    assert_eq!(frame.function.as_deref(), Some("get [x] (y)"));
    let place = frame.place.unwrap();
    assert_eq!((place.file.as_str(), place.line, place.column), ("http://host:80/a.js", 7, 3));
}

#[test]
fn stacks_inside_of_other_text_are_mapped() {
    let text = "Error: no\n    at handle (worker.js:3:8)\n    at run (glowplug:prelude:1:1)\nmore { at: 'x:1:2' }";
    assert_eq!(map().map_text(text), "Error: no\n    at handle (src/a.ts:4:9)\nmore { at: 'x:1:2' }");
    assert!(matches!(map().map_text("look at me\n"), Cow::Borrowed("look at me\n")));
}

#[test]
fn an_excerpt_shows_the_line_and_its_neighbours() {
    let map = map();
    let frames = map.map_stack("    at handle (worker.js:3:8)\n    at map (native)");
    assert_eq!(
        map.excerpt(&frames[0]).unwrap(),
        "  2 | export function handle(x: number) {\n  3 |  const y = x;\n> 4 |   throw new Error('no');\n    |         ^\n  5 | }\n  6 | last line"
    );
    assert_eq!(map.excerpt(&frames[1]), None);
    let first = map.map_stack("    at worker.js:5:1");
    assert_eq!(map.excerpt(&first[0]).unwrap(), "> 1 | b()\n    | ^");
}

#[test]
fn an_excerpt_of_a_very_long_line_shows_the_part_in_question() {
    let mut builder = SourceMapBuilder::default();
    let long = format!("{}HERE{}", "x".repeat(100_000), "y".repeat(100_000));
    let source = builder.add_source_and_content("a.js", &long);
    builder.add_token(0, 0, 0, 100_000, Some(source), None);
    let map = SourceMap::parse(&builder.into_sourcemap().to_json_string()).unwrap();
    let excerpt = map.excerpt(&map.map_stack("    at a.js:1:1")[0]).unwrap();
    let (line, mark) = excerpt.split_once('\n').unwrap();
    assert!(line.len() < 200);
    assert_eq!(line.find("HERE"), mark.find('^'));
}

#[test]
fn a_broken_map_is_an_error_and_an_empty_one_is_not() {
    let error = SourceMap::parse("{").unwrap_err().to_string();
    assert!(error.starts_with("failed to read the source map: "), "{error}");
    let empty = SourceMap::parse(r#"{"version":3,"sources":[],"names":[],"mappings":""}"#).unwrap();
    assert_eq!(lines(&empty.map_stack("    at f (worker.js:3:8)")), ["at f (worker.js:3:8)"]);
}
