//! Files for <https://www.speedscope.app>.

use super::{Frame, Profile};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The profile as a speedscope file with the name `name`.
pub fn write(profile: &Profile, name: &str) -> Value {
    let mut frames: Vec<Value> = Vec::new();
    let mut known: HashMap<&Frame, usize> = HashMap::new();
    let (mut samples, mut weights) = (Vec::new(), Vec::new());
    for (stack, fuel) in profile.samples() {
        let sample: Vec<usize> = stack
            .iter()
            .map(|frame| {
                *known.entry(frame).or_insert_with(|| {
                    frames.push(described(frame));
                    frames.len() - 1
                })
            })
            .collect();
        samples.push(sample);
        weights.push(fuel);
    }
    json!({
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "name": name,
        "exporter": concat!("glowplug ", env!("CARGO_PKG_VERSION")),
        "activeProfileIndex": 0,
        "shared": { "frames": frames },
        "profiles": [{
            "type": "sampled",
            "name": name,
            "unit": "none",
            "startValue": 0,
            "endValue": profile.total(),
            "samples": samples,
            "weights": weights,
        }],
    })
}

fn described(frame: &Frame) -> Value {
    let mut value = json!({ "name": frame.function });
    if let Some(file) = &frame.file {
        value["file"] = json!(file);
    }
    if let Some(line) = frame.line {
        value["line"] = json!(line);
    }
    value
}
