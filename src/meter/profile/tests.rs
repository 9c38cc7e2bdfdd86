use super::{Detail, Frame, Profile, diff, flame, folded, pprof, speedscope, table};
use flate2::read::GzDecoder;
use prost::Message;
use std::io::Read;

fn frame(function: &str, line: u32) -> Frame {
    Frame { function: function.to_owned(), file: Some("src/app.js".to_owned()), line: Some(line) }
}

/// `main` calls `parse`, which calls itself; and a function whose name is hard on every format.
fn example() -> Profile {
    let mut profile = Profile::default();
    profile.add(&[frame("main", 1)], 10);
    profile.add(&[frame("main", 2), frame("parse", 5)], 100);
    profile.add(&[frame("main", 2), frame("parse", 6), frame("parse", 5)], 1000);
    profile.add(&[frame("main", 3), Frame::named("<a; \"b\" & 'c'> 7")], 10_000);
    profile.add(&[Frame::named("(runtime)")], 9_007_199_254_740_000);
    profile.add(&[Frame::named("nothing")], 0);
    profile
}

const TOTAL: u64 = 9_007_199_254_751_110;

#[test]
fn fuel_under_the_same_stack_is_added_up_and_none_is_lost_in_any_detail() {
    let mut profile = example();
    assert_eq!(profile.total(), TOTAL);
    assert_eq!(profile.samples().count(), 5);
    assert_eq!(profile.at(Detail::Lines), profile);
    let functions = profile.at(Detail::Functions);
    assert_eq!((functions.total(), functions.samples().count()), (TOTAL, 5));
    assert!(functions.samples().all(|(stack, _)| stack.iter().all(|frame| frame.line.is_none())));
    profile.merge(&example());
    assert_eq!((profile.total(), profile.samples().count()), (2 * TOTAL, 5));
}

#[test]
fn the_table_counts_a_recursive_function_once() {
    let rows = table::rows(&example().at(Detail::Functions));
    let row = |function: &str| rows.iter().find(|row| row.frame.function == function).map(|row| (row.own, row.total));
    assert_eq!(row("parse"), Some((1100, 1100)));
    assert_eq!(row("main"), Some((10, 11_110)));
    assert_eq!(rows.iter().map(|row| row.own).sum::<u64>(), TOTAL);
    assert!(rows.windows(2).all(|pair| pair[0].own >= pair[1].own));
    let lines = table::rows(&example());
    let line_5 = lines.iter().find(|row| row.frame == frame("parse", 5)).map(|row| (row.own, row.total));
    assert_eq!(line_5, Some((1100, 1100)));
    let line_6 = lines.iter().find(|row| row.frame == frame("parse", 6)).map(|row| (row.own, row.total));
    assert_eq!(line_6, Some((0, 1000)));
}

#[test]
fn folded_lines_add_up() {
    let text = folded::write(&example());
    let mut total = 0;
    for line in text.lines() {
        let (stack, fuel) = line.rsplit_once(' ').unwrap();
        total += fuel.parse::<u64>().unwrap();
        assert!(stack.split(';').count() <= 3, "{line}");
    }
    assert_eq!(total, TOTAL);
    assert!(text.contains("main (src/app.js:2);parse (src/app.js:6);parse (src/app.js:5) 1000\n"), "{text}");
    assert!(text.contains("main (src/app.js:3);<a: \"b\" & 'c'> 7 10000\n"), "{text}");
}

#[test]
fn the_flame_graph_is_always_the_same_and_says_the_total() {
    let svg = flame::graph(&example(), "GET /<script>").unwrap();
    assert_eq!(svg, flame::graph(&example(), "GET /<script>").unwrap());
    assert!(svg.contains(&format!("{TOTAL} fuel")) && svg.contains("GET /&lt;script&gt;"));
    assert!(!svg.contains("<script>"), "nothing from outside is markup");
    let mut small = Profile::default();
    small.add(&[Frame::named("a")], 30);
    small.add(&[Frame::named("a"), Frame::named("<b>")], 70);
    let svg = flame::graph(&small, "small").unwrap();
    for title in ["all (100 fuel, 100%)", "a (100 fuel, 100.00%)", "&lt;b&gt; (70 fuel, 70.00%)"] {
        assert!(svg.contains(&format!("<title>{title}</title>")), "{title} in {svg}");
    }
}

#[test]
fn speedscope_has_each_stack_with_its_exact_weight() {
    let value = speedscope::write(&example(), "GET /");
    let frames = value["shared"]["frames"].as_array().unwrap();
    let profile = &value["profiles"][0];
    let weights = profile["weights"].as_array().unwrap();
    assert_eq!(weights.iter().map(|weight| weight.as_u64().unwrap()).sum::<u64>(), TOTAL);
    assert_eq!(profile["endValue"].as_u64(), Some(TOTAL));
    let mut back = Profile::default();
    for (sample, weight) in profile["samples"].as_array().unwrap().iter().zip(weights) {
        let stack: Vec<Frame> = sample
            .as_array()
            .unwrap()
            .iter()
            .map(|index| {
                let frame = &frames[index.as_u64().unwrap() as usize];
                Frame {
                    function: frame["name"].as_str().unwrap().to_owned(),
                    file: frame.get("file").map(|file| file.as_str().unwrap().to_owned()),
                    line: frame.get("line").map(|line| line.as_u64().unwrap() as u32),
                }
            })
            .collect();
        back.add(&stack, weight.as_u64().unwrap());
    }
    assert_eq!(back, example());
}

#[test]
fn pprof_gives_the_profile_back() {
    let bytes = pprof::write(&example(), "GET /").unwrap();
    assert_eq!(bytes, pprof::write(&example(), "GET /").unwrap(), "the same profile, the same file");
    let mut message = Vec::new();
    GzDecoder::new(&bytes[..]).read_to_end(&mut message).unwrap();
    let file = pprof::File::decode(&message[..]).unwrap();
    let text = |place: i64| file.string_table[usize::try_from(place).unwrap()].clone();
    assert_eq!(
        (text(0), text(file.sample_type[0].r#type), text(file.sample_type[0].unit)),
        (String::new(), "fuel".to_owned(), "count".to_owned())
    );
    let mut back = Profile::default();
    for sample in &file.sample {
        let stack: Vec<Frame> = sample
            .location_id
            .iter()
            .rev()
            .map(|id| {
                let line = &file.location[*id as usize - 1].line[0];
                let function = &file.function[line.function_id as usize - 1];
                let name = text(function.filename);
                Frame {
                    function: text(function.name),
                    file: (!name.is_empty()).then_some(name),
                    line: (line.line > 0).then_some(line.line as u32),
                }
            })
            .collect();
        back.add(&stack, sample.value[0] as u64);
    }
    assert_eq!(back, example());
}

#[test]
fn changes_add_up_to_the_change_of_the_whole() {
    let (mut before, mut after) = (Profile::default(), Profile::default());
    before.add(&[frame("main", 1)], 10);
    before.add(&[frame("main", 1), frame("gone", 2)], 500);
    before.add(&[frame("main", 1), frame("same", 3)], 5);
    after.add(&[frame("main", 1)], 12);
    after.add(&[frame("main", 1), frame("new", 2)], 40);
    after.add(&[frame("main", 1), frame("same", 3)], 5);
    let changes = diff::changes(&before, &after);
    let shown: Vec<_> = changes.iter().map(|change| (change.frame.function.as_str(), change.own())).collect();
    assert_eq!(shown, [("gone", -500), ("new", 40), ("main", 2)]);
    let sum: i128 = changes.iter().map(diff::Change::own).sum();
    assert_eq!(sum, i128::from(after.total()) - i128::from(before.total()));
    assert_eq!((changes[2].total_before, changes[2].total_after), (515, 57));
    let svg = flame::difference(&before, &after, "two").unwrap();
    assert!(svg.contains("515 fuel before, 57 after"), "{svg}");
    assert!(svg.contains("<title>new (src/app.js:2) (40 fuel, 70.18%; +70.18%)</title>"), "{svg}");
    assert!(diff::changes(&before, &before).is_empty());
}
