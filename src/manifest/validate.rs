//! From what a configuration file says to a [`Manifest`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::assets::Main;
use super::environments::{NameSource, Selected};
use super::reader::{At, Reader};
use super::wrangler::{Raw, RawRule};
use super::{
    CompatibilityDate, Entry, Error, LONGEST_NAME, Manifest, ModuleKind, ModuleRule, NodeCompat, Position, Problem,
    Warning,
};
use super::{assets, bindings, discover, document, rules};
use crate::limits::{self, Limits};

/// Reads and checks a configuration file, as `environment` changes it.
pub(super) fn read(file: &Path, environment: Option<&str>) -> Result<Manifest, Error> {
    let text = read_text(file)?;
    let folder = discover::absolute(file)?.parent().unwrap_or(Path::new("/")).to_owned();
    let table = document::parse(file, &text).map_err(|error| Error::Syntax {
        file: file.to_owned(),
        position: Position::of(&text, error.offset),
        message: error.message,
    })?;

    let mut reader = Reader::new(file, &text);
    let Selected { table, environments, name: name_source } = reader.select(table, environment);
    let mut raw = reader.read(table);
    let main = match &raw.main {
        // Where there are assets, no script with a usual name is looked for: it may be what they were made from.
        None if raw.assets.is_some() => Main::Absent,
        _ => Main::Present,
    };
    let mut checked_assets = None;
    if let Some(found) = raw.assets.take() {
        let (assets, binding) = assets::check(&mut reader, found, main, &folder, raw.build_command.as_deref())?;
        checked_assets = assets;
        raw.bindings.extend(binding);
    }
    bindings::check_unique(&mut reader, &raw.vars, &raw.bindings, &raw.secrets);
    let limits = check_limits(&mut reader, &raw);
    let rules = check_rules(&mut reader, &raw.rules);
    let env = check_vars(&mut reader, raw.vars);
    let name = check_name(&mut reader, raw.name, name_source, &folder);
    let compatibility_date = check_date(&mut reader, raw.compatibility_date);
    let compatibility_flags = check_flags(&mut reader, raw.compatibility_flags);
    let entry = match main {
        Main::Absent => Some(Entry::AssetsOnly),
        Main::Present => check_main(&mut reader, raw.main, &folder, raw.build_command.as_deref())?,
    };

    let Reader { mut problems, mut unsupported, warnings, .. } = reader;
    problems.sort_by_key(|problem| problem.position);
    unsupported.sort_by_key(|problem| problem.position);
    match entry {
        Some(entry) if problems.is_empty() => Ok(Manifest {
            name,
            entry,
            root: folder,
            file: Some(file.to_owned()),
            environment: environment.map(str::to_owned),
            environments,
            compatibility_date,
            compatibility_flags,
            env,
            bindings: raw.bindings.into_iter().filter_map(|raw| Some((raw.name.value, raw.binding?))).collect(),
            required_secrets: raw.secrets.into_iter().map(|name| name.value).collect(),
            assets: checked_assets,
            routes: raw.routes,
            subdomain: raw.subdomain,
            previews: raw.previews,
            crons: raw.crons.into_iter().map(|cron| cron.value).collect(),
            tail_consumers: raw.tail_consumers,
            limits,
            limit_settings: raw.limits,
            rules,
            warnings,
            unsupported,
        }),
        _ => Err(Error::Invalid { file: file.to_owned(), problems }),
    }
}

fn read_text(file: &Path) -> Result<String, Error> {
    let bytes = fs::read(file).map_err(|cause| discover::error_of(file, cause))?;
    match String::from_utf8(bytes) {
        // The parsers take a byte order mark for text.
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let valid = String::from_utf8_lossy(&error.as_bytes()[..end]).into_owned();
            Err(Error::Syntax {
                file: file.to_owned(),
                position: Position::of(&valid, end),
                message: "not UTF-8 text".to_owned(),
            })
        }
    }
}

/// Whether a worker may have this name.
pub(super) fn is_worker_name(name: &str) -> bool {
    let well_formed = name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_'));
    well_formed && !name.is_empty() && !name.starts_with('-') && name.len() <= LONGEST_NAME
}

fn check_name(reader: &mut Reader<'_>, name: Option<At<String>>, source: NameSource, folder: &Path) -> String {
    let (base, span) = match name {
        Some(At { value, span }) => (value, Some(span)),
        None => (discover::folder_name(folder), None),
    };
    if !is_worker_name(&base) {
        let suggestion = Some(discover::sanitised(&base)).filter(|name| !name.is_empty());
        let message = format!(
            "`name` is {base:?}, but must be 1 to {LONGEST_NAME} lower-case letters, digits, `-` and `_`, not starting with `-`"
        );
        let hint = suggestion.map(|name| format!("for example \"{name}\""));
        reader.problem(&span.unwrap_or_default(), message, hint);
        return base;
    }
    let NameSource::WithEnvironment(environment) = source else { return base };
    let name = format!("{base}-{environment}");
    if !is_worker_name(&name) {
        let message = format!(
            "in the environment `{environment}` the worker's name would be {name:?}, but must be 1 to {LONGEST_NAME} lower-case letters, digits, `-` and `_`"
        );
        let hint = format!("give it a name of its own: `env.{environment}.name`");
        reader.problem(&span.unwrap_or_default(), message, Some(hint));
    }
    name
}

fn check_main(
    reader: &mut Reader<'_>,
    main: Option<At<String>>,
    folder: &Path,
    build_command: Option<&str>,
) -> Result<Option<Entry>, Error> {
    let Some(At { value, span }) = main else {
        if !reader.problems.is_empty() {
            // It may be there, and one of the problems.
            return Ok(None);
        }
        let found = discover::usual_entry(folder)?;
        if found.is_none() {
            reader.problems.push(Problem {
                position: None,
                message:
                    "`main` is missing, and there is no script with a usual name (`index.js`, `src/index.ts`, ...)"
                        .to_owned(),
                hint: Some("add `main`, the path of the worker's script".to_owned()),
            });
            // What is missing may be in a key that says the same in another way: `site`, `pages_build_output_dir`.
            reader.problems.append(&mut reader.unsupported);
        }
        return Ok(found);
    };
    let path = folder.join(&value);
    let problem = match fs::metadata(&path) {
        Ok(metadata) if metadata.is_file() => match discover::entry_of(discover::absolute(&path)?) {
            Some(entry) => return Ok(Some(entry)),
            None => (
                format!("`main` is {value:?}, which is neither a script nor a component"),
                Some("its name must end with .js, .mjs, .cjs, .ts, .mts, .cts, .jsx, .tsx or .wasm".to_owned()),
            ),
        },
        Ok(_) => (format!("`main` is {value:?}, which is a folder"), None),
        Err(cause) => {
            let sibling = discover::sibling_of(&path)
                .map(|name| format!("did you mean \"{}\"?", PathBuf::from(&value).with_file_name(name).display()));
            let built = build_command.map(|command| format!("does `{command}` make it? run it first"));
            let error = discover::error_text(&cause);
            (format!("`main` is {value:?}, which cannot be read: {error}"), sibling.or(built))
        }
    };
    reader.problem(&span, problem.0, problem.1);
    Ok(None)
}

fn check_date(reader: &mut Reader<'_>, date: Option<At<String>>) -> CompatibilityDate {
    let latest = CompatibilityDate::LATEST;
    match date {
        Some(At { value, span }) => value.parse().unwrap_or_else(|()| {
            let message = format!("`compatibility_date` is {value:?}, but must be a day, written YYYY-MM-DD");
            reader.problem(&span, message, Some(format!("for example \"{latest}\"")));
            latest
        }),
        None => {
            reader.warnings.push(Warning {
                file: reader.file.to_owned(),
                position: None,
                message: format!("no `compatibility_date`, so {latest} is used"),
                hint: Some("add one, so that an upgrade does not change how the worker behaves".to_owned()),
            });
            latest
        }
    }
}

fn check_flags(reader: &mut Reader<'_>, flags: Vec<At<String>>) -> Vec<String> {
    for At { value, span } in flags.iter().filter(|flag| !NodeCompat::knows(&flag.value)) {
        reader.warn(span, format!("compatibility flag `{value}` has no effect yet"), None);
    }
    flags.into_iter().map(|flag| flag.value).collect()
}

fn check_limits(reader: &mut Reader<'_>, raw: &Raw) -> Limits {
    Limits::new(&raw.limits).unwrap_or_else(|errors| {
        for error in errors {
            let span = raw.limit_spans.iter().find(|(key, _)| Some(key.as_str()) == error.limit.key);
            let span = span.map_or(0..0, |(_, span)| span.clone());
            reader.problem(&span, error.to_string(), Some(format!("why there is a limit: {}", error.limit.reason)));
        }
        Limits::default()
    })
}

fn check_rules(reader: &mut Reader<'_>, raw: &[RawRule]) -> Vec<ModuleRule> {
    let mut rules = Vec::new();
    for RawRule { kind, globs } in raw {
        match (ModuleKind::from_name(&kind.value), kind.value.as_str()) {
            (Some(kind), _) => rules.extend(globs.iter().map(|glob| ModuleRule { kind, glob: glob.clone() })),
            (None, "ESModule" | "CommonJS") => {
                let message = format!("a rule for `{}` has no effect: every import is bundled", kind.value);
                reader.warn(&kind.span, message, None);
            }
            (None, "PythonModule" | "PythonRequirement") => {
                reader.warn(&kind.span, format!("a rule for `{}` has no effect yet", kind.value), None);
            }
            (None, other) => reader.problem(
                &kind.span,
                format!("`rules.type` is {other:?}, but must be \"Text\", \"Data\" or \"CompiledWasm\""),
                super::nearest(other, ["Text", "Data", "CompiledWasm"]).map(|near| format!("did you mean \"{near}\"?")),
            ),
        }
    }
    rules.extend(rules::defaults());
    rules
}

fn check_vars(reader: &mut Reader<'_>, vars: Vec<(At<String>, Json)>) -> BTreeMap<String, Json> {
    let mut env = BTreeMap::new();
    for (index, (name, value)) in vars.into_iter().enumerate() {
        // Not only identifiers, since `env["a.b"]` works; but a component gets them as a process gets its environment.
        if name.value.is_empty() || name.value.contains(['=', '\0']) {
            let message = format!("`vars` has the name {:?}, but a name is not empty and has no `=`", name.value);
            reader.problem(&name.span, message, None);
        }
        if index as u64 == limits::VARIABLES.maximum {
            let message = format!("more than {} `vars`", limits::VARIABLES.maximum);
            reader.problem(&name.span, message, Some(limits::VARIABLES.reason.to_owned()));
        }
        let size = value.to_string().len() as u64;
        if size > limits::VARIABLE.maximum {
            let message =
                format!("`vars.{}` has {size} bytes, more than the {} allowed", name.value, limits::VARIABLE.maximum);
            reader.problem(&name.span, message, Some(limits::VARIABLE.reason.to_owned()));
        }
        env.insert(name.value, value);
    }
    env
}
