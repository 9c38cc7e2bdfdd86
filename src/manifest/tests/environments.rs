use super::*;

fn load(folder: &TempDir, environment: &str) -> Manifest {
    Manifest::load(folder.path(), Some(environment)).unwrap()
}

fn warnings_in(folder: &TempDir, environment: &str) -> Vec<String> {
    let prefix = format!("{}/", folder.path().display());
    load(folder, environment).warnings.iter().map(|warning| warning.to_string().replace(&prefix, "")).collect()
}

fn error_in(folder: &TempDir, environment: &str) -> String {
    let error = Manifest::load(folder.path(), Some(environment)).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "").replace("failed to read manifest ", "")
}

const TWO: &str = r#"name = "shop"
main = "worker.js"
compatibility_date = "2026-01-01"
route = "example.com/*"
workers_dev = false
vars = { STAGE = "none", COLOUR = "red" }
kv_namespaces = [{ binding = "CACHE", id = "top" }]
d1_databases = [{ binding = "DB" }]

[limits]
cpu_ms = 50

[env.staging]
routes = ["staging.example.com/*"]
vars = { STAGE = "staging" }

[env.production]
name = "shop-live"
workers_dev = true
vars = { STAGE = "production", COLOUR = "blue" }
kv_namespaces = [{ binding = "CACHE", id = "live" }]
d1_databases = []
limits = { memory_mb = 64 }
"#;

#[test]
fn an_environment_inherits_some_keys_and_not_others() {
    let folder = toml(TWO);
    let top = Manifest::load(folder.path(), None).unwrap();
    assert_eq!((top.name.as_str(), &top.environment), ("shop", &None));
    assert_eq!(top.environments, ["staging", "production"]);
    assert_eq!(top.routes[0].pattern, "example.com/*");
    assert_eq!(top.unsupported.len(), 1);

    let staging = load(&folder, "staging");
    assert_eq!((staging.name.as_str(), staging.environment.as_deref()), ("shop-staging", Some("staging")));
    // `route` above and `routes` here are one setting.
    let routes: Vec<_> = staging.routes.iter().map(|route| route.pattern.as_str()).collect();
    assert_eq!(routes, ["staging.example.com/*"]);
    assert_eq!(staging.subdomain, Some(false));
    assert_eq!(staging.limit_settings.cpu_ms, Some(50));
    assert_eq!(staging.env, BTreeMap::from([("STAGE".to_owned(), json!("staging"))]));
    assert_eq!((staging.bindings.len(), staging.unsupported.len()), (0, 0));

    let production = load(&folder, "production");
    assert_eq!(production.name, "shop-live");
    assert_eq!(production.subdomain, Some(true));
    assert_eq!(production.routes[0].pattern, "example.com/*");
    assert_eq!((production.limit_settings.cpu_ms, production.limit_settings.memory_mb), (None, Some(64)));
    assert_eq!(production.env["COLOUR"], json!("blue"));
    assert_eq!(production.bindings["CACHE"], Binding::Kv { id: Some("live".to_owned()), preview_id: None });
    assert_eq!(production.warnings, []);
}

#[test]
fn what_an_environment_does_not_inherit_is_warned_about() {
    assert_eq!(
        warnings_in(&toml(TWO), "staging"),
        [
            "manifest `wrangler.toml:15:1`: `env.staging.vars` lacks `COLOUR`, which `vars` of the top level has\n\
             hint: `vars` is not inherited: add what is needed",
            "manifest `wrangler.toml:13:6`: `kv_namespaces` of the top level does not hold in `env.staging`\n\
             hint: add `env.staging.kv_namespaces`; an empty one if it is meant so",
            "manifest `wrangler.toml:13:6`: `d1_databases` of the top level does not hold in `env.staging`\n\
             hint: add `env.staging.d1_databases`; an empty one if it is meant so",
        ]
    );
}

#[test]
fn keys_of_an_environment_are_checked_like_those_of_the_top_level() {
    let folder = toml(
        "compatibility_date = \"2026-01-01\"\n[env.a]\nnmae = \"x\"\nalias = { x = \"y\" }\nminify = true\n[env.b]\nvars = 3\n",
    );
    assert_eq!(
        warnings_in(&folder, "a"),
        [
            "manifest `wrangler.toml:3:1`: unknown key `env.a.nmae`\nhint: did you mean `env.a.name`?",
            "manifest `wrangler.toml:4:1`: `env.a.alias` has no effect: its place is the top level",
            "manifest `wrangler.toml:5:1`: `minify` has no effect: a snapshot holds the compiled script, not its text",
        ]
    );
    assert_eq!(
        error_in(&folder, "b"),
        "`wrangler.toml:7:8`: `vars` must be a table, found the number 3\nhint: for example `vars = { NAME = \"value\" }`"
    );
    // What an environment says is of no interest to the others.
    assert_eq!(warnings_of(&folder), [] as [&str; 0]);
}

#[test]
fn an_environment_that_is_not_there_is_refused_with_those_that_are() {
    assert_eq!(
        error_in(&toml(TWO), "stagin"),
        "`wrangler.toml`: there is no environment `stagin`, only `staging` and `production`\nhint: did you mean `staging`?"
    );
    assert_eq!(
        error_in(&toml("name = \"x\""), "staging"),
        "`wrangler.toml`: there is no environment `staging`: the file has no `env`\nhint: add `[env.staging]`"
    );
    let json = project(&[("wrangler.json", r#"{"env": {"A": "b"}}"#), ("worker.js", "")]);
    assert_eq!(
        error_in(&json, "staging"),
        "`wrangler.json`: there is no environment `staging`: the file has no `env`\n\
         hint: add `\"env\": { \"staging\": { } }`\n\
         `wrangler.json:1:15`: `env.A` must be an environment, which is a table, found the string \"b\"\n\
         hint: variables have their place in `vars`"
    );
    let script = project(&[("worker.js", "")]);
    assert_eq!(
        error_in(&script, "staging").replace(&script.path().display().to_string(), "FOLDER"),
        "failed to find the environment `staging`: `FOLDER` has no configuration file\n\
         hint: add a `wrangler.toml` with `[env.staging]`, or choose no environment"
    );
}

#[test]
fn a_name_made_with_the_environments_must_be_a_name() {
    let folder = toml("name = \"shop\"\n[env.Live]\n[env.Own]\nname = \"own\"\n");
    assert_eq!(
        error_in(&folder, "Live"),
        "`wrangler.toml:1:8`: in the environment `Live` the worker's name would be \"shop-Live\", but must be 1 to 63 lower-case letters, digits, `-` and `_`\n\
         hint: give it a name of its own: `env.Live.name`"
    );
    assert_eq!(load(&folder, "Own").name, "own");
}

#[test]
fn null_in_an_environment_means_that_it_inherits() {
    let folder = project(&[
        (
            "wrangler.json",
            r#"{"name": "x", "main": "worker.js", "compatibility_date": "2026-01-01", "env": {"s": {"name": null, "main": null}}}"#,
        ),
        ("worker.js", ""),
    ]);
    assert_eq!(load(&folder, "s").name, "x-s");
}
